#!/usr/bin/env python3
"""Asks a cluster a question: tokens as they come, then the sources.  docs/rpc.md explains the messages.

    ask.py tcp://127.0.0.1:7100 "Q: What is the capital of Kenya? A:" [deadline in ms]

Several coordinators' endpoints may be given, with commas between them.
"""
import contextlib
import pathlib
import random
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


CONNECT_MS = 2000  # for a coordinator to accept the connection; one that refuses it is passed over at once
# While there are others to ask, each of these is also at most a share of the time that is left:
HANDSHAKE_MS = 500  # for one of them to accept the connection
QUIET_MS = 1000  # without a word from it, until it is pinged
PING_MS = 500  # for it to answer that
answered_last = None


class Unavailable(RuntimeError):
    """The coordinator cannot be reached, or cannot answer now: another one may."""


def call(endpoints, deadline_ms, **body):
    """Yields the replies to one request.  Raises RuntimeError for a Failure.

    Goes on to the next endpoint when a coordinator is unavailable or hangs.  In the middle of an answer that one begins
    again, must say the same, and is listened to from where the other one was lost.
    """
    global answered_last
    end = time.monotonic() + deadline_ms / 1000
    endpoints = sorted(endpoints.split(","), key=lambda endpoint: endpoint != answered_last)
    untried = list(endpoints)
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
                untried = [other for other in endpoints if other != endpoint]
                yield reply
            return
        except Unavailable:
            if not untried:
                raise


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
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 100  # milliseconds, so that a cancel still leaves
        socket.immediate = True  # it can be written to only while it is connected
        more = False
        # Says that nobody listens there, or later that the connection is lost.
        with socket.get_monitor_socket(zmq.EVENT_CLOSED | zmq.EVENT_DISCONNECTED) as away:
            try:
                socket.connect(endpoint)
                poller = zmq.Poller()
                poller.register(away, zmq.POLLIN)
                poller.register(socket, zmq.POLLOUT)
                if socket not in dict(poller.poll(min(CONNECT_MS, at_most(HANDSHAKE_MS, 1 / 4)))):
                    raise Unavailable(f"unavailable: nothing answers at {endpoint}")
                more = True
                socket.send(pb.Envelope(deadline_ms=max(1, int(left())), **common, **body).SerializeToString())
                poller.modify(socket, zmq.POLLIN)
                is_pinged = False
                while more:
                    ready = dict(poller.poll(at_most(PING_MS, 1 / 8) if is_pinged else at_most(QUIET_MS, 1 / 4)))
                    if not ready and left() <= 0:
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
                        raise kind(f"{code}: {reply.failure.message} ({reply.failure.node})")
                    yield getattr(reply, reply.WhichOneof("body"))
            finally:
                if more:  # the caller lost interest, or time is up: let the cluster stop
                    with contextlib.suppress(zmq.Again):
                        socket.send(pb.Envelope(cancel={}, **common).SerializeToString(), zmq.NOBLOCK)
                socket.disable_monitor()


def ask(endpoint, prompt, deadline_ms=10_000, **options):
    """Yields AskSources, Token …, AskDone."""
    request = pb.AskRequest(prompt=prompt, **options)
    if request.sampling.temperature > 0 and not request.sampling.HasField("seed"):
        request.sampling.seed = random.getrandbits(63)  # two coordinators must draw the same
    return call(endpoint, deadline_ms, ask=request)


def upsert(endpoint, passages, wait=pb.DURABLE, deadline_ms=10_000):
    """Commits passages, all in one epoch, and returns an UpsertReply.  After an error the same call may be repeated.

    DURABLE waits until they cannot be lost, FOUND until every search finds them; options={"min_epoch": reply.epoch}
    makes one search wait for them.
    """
    [reply] = call(endpoint, deadline_ms, upsert=pb.UpsertRequest(passages=passages, wait=wait))
    return reply


def delete(endpoint, ids, wait=pb.DURABLE, deadline_ms=10_000):
    """Commits the deletion of passages and returns a DeleteReply; else like upsert."""
    [reply] = call(endpoint, deadline_ms, delete=pb.DeleteRequest(ids=ids, wait=wait))
    return reply


if __name__ == "__main__":
    try:
        for reply in ask(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])):
            if isinstance(reply, pb.AskSources):
                sources = reply.passages
            elif isinstance(reply, pb.Token):
                print(reply.text, end="", flush=True)
        print(f"\n{reply.generated_tokens} tokens in {reply.timings.total_us / 1000:.1f} ms")
        for source, attention in zip(sources, reply.passage_attention):
            print(f"{source.rank + 1:3}. {source.passage.title}  score {source.score:.2f}  attention {attention:.3f}")
    except RuntimeError as error:
        sys.exit(str(error))
