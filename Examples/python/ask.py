#!/usr/bin/env python3
"""Asks a cluster a question: tokens as they come, then the sources.  docs/rpc.md explains the messages.

    ask.py tcp://127.0.0.1:7100 "Q: What is the capital of Kenya? A:" [deadline in ms [collection]]

Several coordinators' endpoints may be given, with commas between them.  A collection is named by its name or an alias:
coordinators that serve another one are passed over.  A cluster with keys takes one over tcp: IMPRAG_KEY is the path of
the file that `imprag keys create` made.
"""
import contextlib
import json
import os
import pathlib
import random
import secrets
import subprocess
import sys
import time

import zmq

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "Protos" / "imprag.proto"
CLASSES = HERE / "imprag_pb2.py"
if not CLASSES.exists() or CLASSES.stat().st_mtime < PROTO.stat().st_mtime:
    subprocess.run(["protoc", f"-I{PROTO.parent}", f"--python_out={HERE}", PROTO], check=True)
import imprag_pb2 as pb  # noqa: E402


ENVELOPE_BYTES = 8 << 20  # the largest request that a node reads
CONNECT_MS = 2000  # for a coordinator to accept the connection; one that refuses it is passed over at once
# While there are others to ask, each of these is also at most a share of the time that is left:
HANDSHAKE_MS = 500  # for one of them to accept the connection
QUIET_MS = 1000  # without a word from it, until it is pinged
PING_MS = 500  # for it to answer that
PATIENCE_S = 2  # how long all of them are tried again while none serves the collection: its alias may be moving
answered_last = None
key_file = os.environ.get("IMPRAG_KEY")
REFUSALS = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "does not let in this key: it is revoked, or of another cluster",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "takes a key and got none, or the other way round",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "breaks off the handshake: it takes another key, or takes one at all",
}


class Unavailable(RuntimeError):
    """The coordinator cannot be reached, or cannot answer now: another one may."""

    other_collection = False  # it serves another collection


def call(endpoints, deadline_ms, **body):
    """Yields the replies to one request.  Raises RuntimeError for a Failure.

    Goes on to the next endpoint when a coordinator is unavailable or hangs.  In the middle of an answer that one begins
    again, must say the same, and is listened to from where the other one was lost.
    """
    global answered_last
    end = time.monotonic() + deadline_ms / 1000
    endpoints = sorted(endpoints.split(","), key=lambda endpoint: endpoint != answered_last)
    untried, failing_since, may_return = list(endpoints), None, False
    delivered = []
    while untried:
        endpoint = untried.pop(0)
        try:
            for position, reply in enumerate(call_one(endpoint, end, body, bool(untried))):
                answered_last = endpoint
                if position < len(delivered):
                    if meaning(reply) != meaning(delivered[position]):
                        raise RuntimeError("unavailable: another coordinator answers differently: ask again")
                    continue
                delivered.append(reply)
                untried, failing_since = [other for other in endpoints if other != endpoint], None
                yield reply
            return
        except Unavailable as error:
            may_return = may_return or error.other_collection
            if untried:
                continue
            now = time.monotonic()
            failing_since = failing_since or now
            if len(endpoints) == 1 or not may_return or now - failing_since > PATIENCE_S or now + 0.05 > end:
                raise
            time.sleep(0.05)
            untried, may_return = list(endpoints), False


def prove_identity(socket, endpoint):
    """Encrypts the connection, and proves both ends' identities by their keys."""
    if key_file and endpoint.startswith("tcp://"):
        key = json.loads(pathlib.Path(key_file).read_text())
        socket.curve_publickey, socket.curve_secretkey = key["public"].encode(), key["secret"].encode()
        socket.curve_serverkey = key["server"].encode()


def refusal(away):
    """Why the handshake failed, if the monitor socket `away` says so."""
    event = int.from_bytes(away.recv_multipart()[0][:2], sys.byteorder)
    return REFUSALS.get(event)


def meaning(reply):
    """What two coordinators must agree on."""
    if isinstance(reply, pb.AskSources):
        return [source.passage.id for source in reply.passages]
    return (reply.token, reply.text) if isinstance(reply, pb.Token) else None


def call_one(endpoint, end, body, has_others):
    def left():
        return max(0, end - time.monotonic()) * 1000

    def at_most(milliseconds, share):
        return min(left(), max(50, min(milliseconds, left() * share))) if has_others else left()

    common = {"protocol_version": 1, "request_id": 1}
    envelope = pb.Envelope(deadline_ms=max(1, int(left())), **common, **body)
    if envelope.ByteSize() > ENVELOPE_BYTES:
        raise RuntimeError(f"invalid_argument: the request has {envelope.ByteSize()} bytes; {ENVELOPE_BYTES} are allowed")
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 100  # milliseconds, so that a cancel still leaves
        socket.immediate = True  # it can be written to only while it is connected
        more = False
        prove_identity(socket, endpoint)
        # Says that nobody listens there, that we are not let in, or later that the connection is lost.
        with socket.get_monitor_socket(zmq.EVENT_CLOSED | zmq.EVENT_DISCONNECTED | sum(REFUSALS)) as away:
            try:
                socket.connect(endpoint)
                poller = zmq.Poller()
                poller.register(away, zmq.POLLIN)
                poller.register(socket, zmq.POLLOUT)
                ready = dict(poller.poll(min(CONNECT_MS, at_most(HANDSHAKE_MS, 1 / 4))))
                if socket not in ready:
                    if away in ready and (reason := refusal(away)):
                        raise RuntimeError(f"unauthenticated: {endpoint} {reason}")
                    raise Unavailable(f"unavailable: nothing answers at {endpoint}")
                more = True
                envelope.deadline_ms = max(1, int(left()))
                socket.send(envelope.SerializeToString())
                poller.modify(socket, zmq.POLLIN)
                is_pinged = False
                while more:
                    ready = dict(poller.poll(at_most(PING_MS, 1 / 8) if is_pinged else at_most(QUIET_MS, 1 / 4)))
                    if not ready and (left() < 1 or not has_others):
                        raise RuntimeError(f"deadline_exceeded: no reply from {endpoint} in time")
                    if not ready and is_pinged:
                        raise Unavailable(f"unavailable: {endpoint} does not answer, not even a ping")
                    if not ready:
                        is_pinged = True
                        ping = pb.Envelope(protocol_version=1, request_id=2, deadline_ms=PING_MS, ping={})
                        with contextlib.suppress(zmq.Again):
                            socket.send(ping.SerializeToString(), zmq.NOBLOCK)
                        continue
                    if socket not in ready:
                        raise Unavailable(f"unavailable: the connection to {endpoint} was lost")
                    reply = pb.Envelope.FromString(socket.recv_multipart()[0])
                    is_pinged = False
                    if reply.request_id != common["request_id"]:  # the ping's
                        continue
                    more = reply.more
                    if reply.WhichOneof("body") == "failure":
                        code = pb.ErrorCode.Name(reply.failure.code).lower()
                        kind = Unavailable if code == "unavailable" else RuntimeError
                        error = kind(f"{code}: {reply.failure.message} ({reply.failure.node})")
                        error.other_collection = reply.failure.other_collection
                        raise error
                    yield getattr(reply, reply.WhichOneof("body"))
            finally:
                if more:  # the caller lost interest, or time is up: let the cluster stop
                    with contextlib.suppress(zmq.Again):
                        socket.send(pb.Envelope(cancel={}, **common).SerializeToString(), zmq.NOBLOCK)
                socket.disable_monitor()


def ask(endpoint, prompt, deadline_ms=10_000, collection="", **options):
    """Yields AskSources, Token …, AskDone."""
    request = pb.AskRequest(prompt=prompt, **options)
    if request.sampling.temperature > 0 and not request.sampling.HasField("seed"):
        request.sampling.seed = random.getrandbits(63)  # two coordinators must draw the same
    return call(endpoint, deadline_ms, ask=request, collection=collection)


def upsert(endpoint, passages, wait=pb.DURABLE, deadline_ms=10_000, collection="", update_key=None):
    """Commits passages, all in one epoch, and returns an UpsertReply.

    After an error the same call may be repeated; with the same update_key (16 random bytes, drawn here by default, which
    covers the coordinators that this call tries) it is committed once.

    DURABLE waits until they cannot be lost, FOUND until every search finds them; options={"min_epoch": reply.epoch}
    makes one search wait for them.
    """
    update = pb.UpsertRequest(passages=passages, wait=wait, update_key=update_key or secrets.token_bytes(16))
    [reply] = call(endpoint, deadline_ms, upsert=update, collection=collection)
    return reply


def delete(endpoint, ids, wait=pb.DURABLE, deadline_ms=10_000, collection="", update_key=None):
    """Commits the deletion of passages and returns a DeleteReply; else like upsert."""
    deletion = pb.DeleteRequest(ids=ids, wait=wait, update_key=update_key or secrets.token_bytes(16))
    [reply] = call(endpoint, deadline_ms, delete=deletion, collection=collection)
    return reply


if __name__ == "__main__":
    try:
        for reply in ask(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:4]), *sys.argv[4:5]):
            if isinstance(reply, pb.AskSources):
                sources = reply.passages
            elif isinstance(reply, pb.Token):
                print(reply.text, end="", flush=True)
        print(f"\n{reply.generated_tokens} tokens in {reply.timings.total_us / 1000:.1f} ms")
        for source, attention in zip(sources, reply.passage_attention):
            print(f"{source.rank + 1:3}. {source.passage.title}  score {source.score:.2f}  attention {attention:.3f}")
    except RuntimeError as error:
        sys.exit(str(error))
