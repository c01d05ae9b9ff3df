"""A coordinator that answers everything from a script."""

import threading

import zmq

from imprag import imprag_pb2 as pb

PASSAGE = {"id": "lima", "title": "Peru", "text": "Lima is its capital.", "metadata": [{"field": "lang", "text": "en"}]}
SOURCES = [{"passage": PASSAGE, "score": 1.5, "rank": 0}]
COMPLETE = {"complete": True, "passages_searched": 1, "passages_total": 1}


class ScriptedCoordinator:
    """`requests` has what it was asked."""

    def __init__(self, path):
        self.endpoint, self.requests, self.ends = f"ipc://{path}", [], threading.Event()
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 100
        self.socket.bind(self.endpoint)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ends.is_set():
            if self.socket.poll(20):
                peer, frame = self.socket.recv_multipart()
                request = pb.Envelope.FromString(frame)
                replies = self.replies(request)
                for number, body in enumerate(replies):
                    more = number < len(replies) - 1
                    reply = pb.Envelope(request_id=request.request_id, reply_number=number, more=more, **body)
                    self.socket.send_multipart([peer, reply.SerializeToString()])
        self.socket.close()

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

    def close(self):
        self.ends.set()
        self.thread.join()
