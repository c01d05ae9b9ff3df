"""A coordinator that answers everything from a script."""

import asyncio
import threading

import pytest
import zmq

from imprag import imprag_pb2 as pb

PASSAGE = {"id": "lima", "title": "Peru", "text": "Lima is its capital.", "metadata": [{"field": "lang", "text": "en"}]}
SOURCES = [{"passage": PASSAGE, "score": 1.5, "rank": 0}]
COMPLETE = {"complete": True, "passages_searched": 1, "passages_total": 1}


async def cancel_in_the_middle(client):
    """Asks what is not answered, and cancels the task."""
    async with client:
        task = asyncio.create_task(client.ask("Q").read())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class Served:
    """Takes requests on a thread of its own, until it is closed or has had enough."""

    def __init__(self, path):
        self.endpoint, self.ends = f"ipc://{path}", threading.Event()
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 100
        self.socket.bind(self.endpoint)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ends.is_set():
            if self.socket.poll(20):
                peer, frame = self.socket.recv_multipart()
                self.take(peer, pb.Envelope.FromString(frame))
        self.socket.close()

    def reply(self, peer, request, bodies, count):
        """Sends the first replies of COUNT."""
        for number, body in enumerate(bodies):
            reply = pb.Envelope(request_id=request.request_id, reply_number=number, more=number < count - 1, **body)
            self.socket.send_multipart([peer, reply.SerializeToString()])

    def close(self):
        self.ends.set()
        self.thread.join()


class ScriptedCoordinator(Served):
    """`requests` has what it was asked."""

    def __init__(self, path):
        self.requests = []
        super().__init__(path)

    def take(self, peer, request):
        replies = self.replies(request)
        self.reply(peer, request, replies, len(replies))

    def replies(self, request):
        kind = request.WhichOneof("body")
        if kind not in ("ask", "search"):
            return []
        asked = getattr(request, kind)
        self.requests.append(asked)
        known = {"passages": SOURCES, "completeness": COMPLETE, "filter_applied": asked.options.HasField("filter")}
        if kind == "search":
            return [{"search_reply": known}]
        tokens = [{"token": {"text": text, "token": 1}} for text in ("Li", "ma")]
        done = {"finish": pb.FinishReason.values()[1], "prompt_tokens": 9, "generated_tokens": 2, "completeness": COMPLETE}
        return [{"ask_sources": known}, *tokens, {"ask_done": done}]
