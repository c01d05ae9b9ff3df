#!/usr/bin/env python3
"""Asks a cluster a question: tokens as they come, then the sources.  docs/rpc.md explains the messages.

    ask.py tcp://127.0.0.1:7100 "Q: What is the capital of Kenya? A:" [deadline in ms]
"""
import pathlib
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


def call(endpoint, deadline_ms, **body):
    """Yields the replies to one request.  Raises RuntimeError for a Failure."""
    end = time.monotonic() + deadline_ms / 1000
    common = {"protocol_version": 1, "request_id": 1}
    request = pb.Envelope(deadline_ms=deadline_ms, **common, **body)
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 100  # milliseconds, so that a cancel still leaves
        socket.connect(endpoint)
        socket.send(request.SerializeToString())
        more = True
        try:
            while more:
                if not socket.poll(max(0, end - time.monotonic()) * 1000):
                    raise RuntimeError(f"deadline_exceeded: no reply from {endpoint} within {deadline_ms} ms")
                reply = pb.Envelope.FromString(socket.recv_multipart()[0])
                more = reply.more
                if reply.WhichOneof("body") == "failure":
                    code = pb.ErrorCode.Name(reply.failure.code).lower()
                    raise RuntimeError(f"{code}: {reply.failure.message} ({reply.failure.node})")
                yield getattr(reply, reply.WhichOneof("body"))
        finally:
            if more:  # the caller lost interest, or time is up: let the cluster stop
                socket.send(pb.Envelope(cancel={}, **common).SerializeToString())


def ask(endpoint, prompt, deadline_ms=10_000, **options):
    """Yields AskSources, Token …, AskDone."""
    return call(endpoint, deadline_ms, ask=pb.AskRequest(prompt=prompt, **options))


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
