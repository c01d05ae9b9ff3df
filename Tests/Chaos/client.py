"""A client that goes from coordinator to coordinator as `imprag` does, and notes how each request went."""
import contextlib
import dataclasses
import json
import os
import pathlib
import sys
import threading
import time

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Examples" / "python"))
from ask import pb  # noqa: E402  (it makes the classes of Protos/imprag.proto when they are missing or old)

CONNECT_S = 0.5  # for one coordinator to accept the connection, or a quarter of the time that is left
QUIET_S = 1.0  # without a word from it, until it is pinged; the same
PING_S = 0.5  # for it to answer that, or an eighth
PATIENCE_S = 2.0  # for all of them to be unreachable
PAUSE_S = 0.05  # between two rounds of trying all
GRACE_S = 0.04  # that a reply may come after the deadline; the client's own work is within 50 ms then


class Lost(Exception):
    """The coordinator cannot be reached, or the connection to it is lost, or it says `unavailable`."""

    def __init__(self, message, is_answer=False):
        super().__init__(message)
        self.is_answer = is_answer  # it was the coordinator that said so


class Failed(Exception):
    """The request failed, and no other coordinator is to be asked."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclasses.dataclass
class Outcome:
    start: float
    deadline: float
    end: float = 0.0
    replies: list = dataclasses.field(default_factory=list)
    code: str = ""  # of the error; empty when the request succeeded
    message: str = ""
    asked: list = dataclasses.field(default_factory=list)  # endpoints that the request was sent to, in order
    is_silent: bool = False  # the last of these had not replied when time was up


class Delays:
    """How long this process was kept from running: a thread sleeps 5 ms, again and again, and notes the excess."""

    def __init__(self):
        self.notes = []
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            before = time.monotonic()
            time.sleep(0.005)
            now = time.monotonic()
            if now - before > 0.010:
                self.notes.append((now, now - before - 0.005))

    def between(self, start, end):
        return sum(delay for when, delay in self.notes[-2000:] if start <= when - delay <= end)


def prove_identity(socket, endpoint, variable):
    """Encrypts a connection over tcp with the key that an environment variable names, if it names one."""
    if endpoint.startswith("tcp://") and (path := os.environ.get(variable)):
        with open(path) as file:
            key = json.load(file)
        socket.curve_publickey, socket.curve_secretkey = key["public"].encode(), key["secret"].encode()
        socket.curve_serverkey = key["server"].encode()


class Client:
    """One thread's. A connection is made for each request, as short-lived processes do."""

    def __init__(self, context, endpoints):
        self.context = context
        self.endpoints = list(endpoints)

    def call(self, deadline_ms, **body):
        """Sends one request; returns an Outcome, whatever happens."""
        start = time.monotonic()
        outcome = Outcome(start, start + deadline_ms / 1000)
        try:
            self.go_around(outcome, body)
        except Failed as failure:
            outcome.code, outcome.message = failure.code, str(failure)
        outcome.end = time.monotonic()
        return outcome

    def go_around(self, outcome, body):
        while True:
            may_return = True
            failures = []
            for endpoint in list(self.endpoints):
                try:
                    self.ask_one(endpoint, outcome, body)
                    self.endpoints.remove(endpoint)
                    self.endpoints.insert(0, endpoint)
                    return
                except Lost as lost:
                    failures.append(f"{endpoint.rsplit('/', 1)[-1]}: {lost}")
                    may_return = may_return and not lost.is_answer
                    if outcome.replies:
                        raise Failed("unavailable", f"{lost}, in the middle of an answer") from lost
            now = time.monotonic()
            if not may_return or now - outcome.start > PATIENCE_S or now + PAUSE_S > outcome.deadline:
                raise Failed("unavailable", "; ".join(failures))
            time.sleep(PAUSE_S)

    def ask_one(self, endpoint, outcome, body):
        def left():
            return max(0.0, outcome.deadline - time.monotonic()) * 1000

        def at_most(seconds, share):
            return max(50, min(seconds * 1000, left() * share))

        if left() < 1:
            raise Failed("deadline_exceeded", "no time left to ask another coordinator")
        common = {"protocol_version": 1, "request_id": 1}
        with self.context.socket(zmq.DEALER) as socket:
            socket.linger = 100
            socket.immediate = True
            prove_identity(socket, endpoint, "IMPRAG_KEY")
            more = False
            with socket.get_monitor_socket(zmq.EVENT_CLOSED | zmq.EVENT_DISCONNECTED) as away:
                try:
                    socket.connect(endpoint)
                    poller = zmq.Poller()
                    poller.register(away, zmq.POLLIN)
                    poller.register(socket, zmq.POLLOUT)
                    if socket not in dict(poller.poll(min(left(), at_most(CONNECT_S, 1 / 4)))):
                        raise Lost("not to be reached")
                    more = True
                    envelope = pb.Envelope(deadline_ms=max(1, int(left())), **common, **body)
                    socket.send(envelope.SerializeToString())
                    outcome.asked.append(endpoint)
                    poller.modify(socket, zmq.POLLIN)
                    is_pinged = False
                    while more:
                        patience = at_most(PING_S, 1 / 8) if is_pinged else at_most(QUIET_S, 1 / 4)
                        if outcome.replies:  # no answer is begun again here, so there is nowhere to go
                            patience, is_pinged = left() + GRACE_S * 1000, True
                        ready = dict(poller.poll(min(left() + GRACE_S * 1000, patience)))
                        if not ready and left() <= 0 and time.monotonic() > outcome.deadline + GRACE_S:
                            outcome.is_silent = True
                            raise Failed("deadline_exceeded", "nothing came in time")
                        if not ready and is_pinged and left() > 0 and not outcome.replies:
                            raise Lost("no answer, not even to a ping")
                        if not ready and not is_pinged:
                            is_pinged = True
                            ping = pb.Envelope(protocol_version=1, request_id=2, deadline_ms=500, ping={})
                            with contextlib.suppress(zmq.Again):
                                socket.send(ping.SerializeToString(), zmq.NOBLOCK)
                        if not ready:
                            continue
                        if socket not in ready:
                            raise Lost("connection lost")
                        reply = pb.Envelope.FromString(socket.recv_multipart()[0])
                        is_pinged = False
                        if reply.request_id == common["request_id"]:
                            more = self.take(reply, outcome)
                finally:
                    if more:
                        with contextlib.suppress(zmq.ZMQError):
                            socket.send(pb.Envelope(cancel={}, **common).SerializeToString(), zmq.NOBLOCK)
                    socket.disable_monitor()

    @staticmethod
    def take(reply, outcome):
        """Notes a reply; returns whether another one follows."""
        if reply.WhichOneof("body") == "failure":
            code = pb.ErrorCode.Name(reply.failure.code).lower()
            message = f"{reply.failure.message} ({reply.failure.node})"
            if code == "unavailable":
                raise Lost(message, is_answer=True)
            raise Failed(code, message)
        outcome.replies.append(getattr(reply, reply.WhichOneof("body")))
        return reply.more


def ask_directly(context, endpoint, envelope, tensors=(), timeout_ms=5000):
    """One request with tensors to one node; returns the reply's envelope."""
    with context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        prove_identity(socket, endpoint, "NODE_KEY")
        socket.connect(endpoint)
        socket.send_multipart([envelope.SerializeToString(), *tensors])
        if not socket.poll(timeout_ms):
            raise TimeoutError(f"{endpoint} does not reply")
        return pb.Envelope.FromString(socket.recv_multipart()[0])
