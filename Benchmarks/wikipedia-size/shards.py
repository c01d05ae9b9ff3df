"""Searches two shards side by side, as a coordinator does, and reads what they say of themselves."""

import pathlib
import subprocess
import sys
import time

import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]


def messages(work):
    """The classes of Protos/imprag.proto, generated into `work`."""
    made = work / "imprag_pb2.py"
    source = ROOT / "Protos" / "imprag.proto"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["protoc", f"-I{source.parent}", f"--python_out={work}", source], check=True)
    sys.path.insert(0, str(work))
    import imprag_pb2

    return imprag_pb2


class Shards:
    """A connection to each endpoint; one request is out at a time."""

    def __init__(self, endpoints, work, fingerprint=b""):
        self.pb, self.fingerprint, self.number = messages(work), fingerprint, 0
        self.context = zmq.Context()
        self.sockets = []
        for endpoint in endpoints:
            socket = self.context.socket(zmq.DEALER)
            socket.connect(endpoint)
            self.sockets.append(socket)

    def close(self):
        self.context.destroy(linger=0)

    def ask(self, deadline_ms=30_000, tensor=None, **body):
        """One reply from each."""
        self.number += 1
        envelope = self.pb.Envelope(
            protocol_version=1, request_id=self.number, deadline_ms=deadline_ms, fingerprint=self.fingerprint, **body)
        frames = []
        if tensor is not None:
            description = envelope.tensors.add()
            description.data_type, frames = self.pb.FLOAT32, [tensor.tobytes()]
            description.shape.extend(tensor.shape)
        message = [envelope.SerializeToString(), *frames]
        for socket in self.sockets:
            socket.send_multipart(message)
        replies, end = [], time.monotonic() + deadline_ms / 1000
        for socket in self.sockets:
            if not socket.poll(max(1, 1000 * (end - time.monotonic()))):
                raise RuntimeError("no reply from a shard in time")
            reply = self.pb.Envelope.FromString(socket.recv_multipart()[0])
            if reply.WhichOneof("body") == "failure":
                raise RuntimeError(f"{self.pb.ErrorCode.Name(reply.failure.code).lower()}: {reply.failure.message}")
            replies.append(reply)
        return replies

    def search(self, query, k=10):
        """The numbers of the best `k` rows over all shards, best first."""
        request = self.pb.ShardSearchRequest(k=k)
        found = []
        for reply in self.ask(tensor=query.reshape(1, -1), shard_search=request):
            for hit in reply.shard_search_reply.queries[0].passages:
                found.append((-hit.score, int(hit.passage.id.split("-")[0])))
        return [row for _, row in sorted(found)[:k]]

    def samples(self, name):
        """The sum of a gauge over the shards."""
        total = 0.0
        for reply in self.ask(status=self.pb.StatusRequest()):
            for node in reply.status_reply.nodes:
                total += sum(sample.gauge for sample in node.samples if sample.name == name)
        return total
