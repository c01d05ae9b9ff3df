"""One request to a cluster, from the first coordinator asked to the last reply.

A conversation is a generator that never blocks: it yields a `Wait` whenever it has to wait for sockets or time, and is
sent what is ready; everything else that it yields is a reply. So threads and asyncio share all of it, and differ only
in how they wait.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Union

import zmq
from google.protobuf.message import DecodeError

from . import imprag_pb2 as pb
from ._errors import ImpRAGError, invalid
from ._links import Link, Links
from ._values import EmbedReply

ENVELOPE_BYTES = 8 << 20  # the largest request that a node reads
CONNECT_S = 2.0  # for a coordinator to accept the connection; one that refuses it is passed over at once
# While there are others to ask, each of these is also at most a share of the time that is left:
HANDSHAKE_S = 0.5  # for one of them to accept the connection
QUIET_S = 1.0  # without a word from it, until it is pinged
PING_S = 0.5  # for it to answer that
SHORTEST_S = 0.05  # the least of these: less says nothing about a busy machine
OWN_DELAY_S = 0.1  # a wait that ends later than this says nothing about the other end: this process was held up
PATIENCE_S = 2.0  # how long all of them are tried again while none can be reached or none serves the collection
PAUSE_S = 0.05  # between two such rounds


@dataclass(frozen=True)
class Wait:
    """For one of the sockets, at most so long."""

    sockets: Sequence[tuple[Any, int]]
    seconds: float


Ready = frozenset[Any]
Steps = Generator[Union[Wait, Any], Ready, None]


class Unavailable(ImpRAGError):
    """This coordinator cannot answer; another one may. Those that hang or do not listen may come back."""

    def __init__(self, message: str, *, is_answer: bool = False, is_silence: bool = False, **details: Any) -> None:
        super().__init__("unavailable", message, **details)
        self.may_return = not is_answer or self.other_collection
        self.is_silence = is_silence


class Coordinators:
    """Their endpoints, and which one answered last: it is asked first."""

    def __init__(self, endpoints: Sequence[str]) -> None:
        if not endpoints or len(set(endpoints)) < len(endpoints):
            raise invalid(f"the endpoints are {', '.join(endpoints) or 'none'}; at least one, and each once, is right")
        self.endpoints = tuple(endpoints)
        self.preferred = 0

    def __len__(self) -> int:
        return len(self.endpoints)


def conversation(
    links: Links, coordinators: Coordinators, envelope: Any, end: float, clock: Callable[[], float] = time.monotonic
) -> Steps:
    """Asks one coordinator after the other until one gives the last reply.

    In the middle of an answer the next one begins again, must say the same, and is listened to from where the other one
    was lost.
    """
    count, place = len(coordinators), coordinators.preferred
    delivered: list[Any] = []
    failures: list[tuple[str, Unavailable]] = []
    failing_since: float | None = None
    while True:
        endpoint = coordinators.endpoints[place]
        position = 0
        attempt = ask_one(links, endpoint, envelope, end, count > 1, clock)
        try:
            ready: Ready | None = None
            while True:
                step = attempt.send(ready)  # type: ignore[arg-type]  # a generator begins with None
                if isinstance(step, Wait):
                    ready = yield step
                    continue
                ready = frozenset()
                coordinators.preferred = place
                position += 1
                if position > len(delivered):
                    delivered.append(meaning(step))
                    failures, failing_since = [], None
                    yield step
                elif meaning(step) != delivered[position - 1]:
                    raise ImpRAGError(
                        "unavailable",
                        "the coordinator was lost in the middle of its answer, and another one answers differently: the "
                        "passages have changed meanwhile; ask again",
                    )
        except StopIteration:
            return
        except Unavailable as error:
            if count == 1:
                raise
            failures.append((endpoint, error))
        finally:
            attempt.close()
        now = clock()
        failing_since = now if failing_since is None else failing_since
        place = (place + 1) % count
        if len(failures) < count:
            continue
        errors = [error for _, error in failures]
        may_return = all(error.may_return for error in errors)
        is_patient = any(error.is_silence for error in errors) or now - failing_since < PATIENCE_S
        if not may_return or not is_patient or now + PAUSE_S >= end:
            reasons = "; ".join(f"{endpoint}: {error.message}" for endpoint, error in failures)
            raise ImpRAGError("unavailable", f"none of {count} coordinators answers: {reasons}")
        failures = []
        yield Wait((), PAUSE_S)


def meaning(reply: Any) -> Any:
    """What two coordinators must agree on."""
    if isinstance(reply, pb.AskSources):
        return [source.passage.id for source in reply.passages]
    if isinstance(reply, pb.Token):
        return reply.HasField("token"), reply.token, reply.text
    return None


def ask_one(
    links: Links, endpoint: str, envelope: Any, end: float, has_others: bool, clock: Callable[[], float]
) -> Steps:
    """The replies of one coordinator.  Raises `Unavailable` when another one should be asked."""

    def left() -> float:
        return max(0.0, end - clock())

    def at_most(seconds: float, share: float) -> float:
        return min(left(), max(SHORTEST_S, min(seconds, left() * share))) if has_others else left()

    request = pb.Envelope()
    request.CopyFrom(envelope)
    request.request_id = links.next_id()
    if request.ByteSize() + 16 > ENVELOPE_BYTES:
        raise invalid(f"the request has {request.ByteSize()} bytes; {ENVELOPE_BYTES} are allowed")
    link = links.take(endpoint)
    more = False
    is_over = False
    try:
        if not link.is_ready:
            yield from connect(link, min(CONNECT_S, at_most(HANDSHAKE_S, 1 / 4)))
        more = True
        send(link, request, left())
        expected = 0
        ping_id = 0
        while more:
            patience = at_most(PING_S, 1 / 8) if ping_id else at_most(QUIET_S, 1 / 4)
            began = clock()
            ready = yield Wait([(link.news, zmq.POLLIN), (link.socket, zmq.POLLIN)], patience)
            if link.socket in ready:
                reply, frames = received(link)
                ping_id = 0
                if reply.request_id not in (request.request_id, 0):
                    continue  # a ping's, or an earlier request's
                if reply.HasField("reply_number"):
                    if reply.reply_number < expected:
                        continue  # doubled on its way
                    if reply.reply_number > expected:
                        raise Unavailable(f"replies of {endpoint} were lost on their way")
                expected += 1
                more = reply.more and reply.WhichOneof("body") != "failure"
                if not more:
                    is_over = True
                yield body(reply, frames, endpoint)
            elif ready:
                raise Unavailable(f"the connection to {endpoint} was lost")
            elif left() <= 0.001 or not has_others:
                raise ImpRAGError("deadline_exceeded", f"no reply from {endpoint} in time")
            elif ping_id and clock() - began - patience < OWN_DELAY_S:
                raise Unavailable(f"{endpoint} does not answer, not even a ping", is_silence=True)
            else:
                ping_id = links.next_id()
                ping = pb.Envelope(protocol_version=1, request_id=ping_id, deadline_ms=int(PING_S * 1000), ping={})
                with contextlib.suppress(zmq.Again):
                    link.socket.send(ping.SerializeToString(), zmq.NOBLOCK)
    finally:
        if is_over:
            links.give_back(link)
        else:
            if more:  # the caller lost interest, or time is up: let the cluster stop
                cancel = pb.Envelope(protocol_version=1, request_id=request.request_id, cancel={})
                with contextlib.suppress(zmq.ZMQError):
                    link.socket.send(cancel.SerializeToString(), zmq.NOBLOCK)
            link.close()


def connect(link: Link, seconds: float) -> Steps:
    ready = yield Wait([(link.news, zmq.POLLIN), (link.socket, zmq.POLLOUT)], seconds)
    if link.socket not in ready:
        reason = link.refusal()
        if reason:
            raise ImpRAGError("unauthenticated", f"{link.endpoint} {reason}")
        raise Unavailable(f"nothing answers at {link.endpoint}")
    link.is_ready = True


def send(link: Link, request: Any, left: float) -> None:
    request.deadline_ms = max(1, min(int(left * 1000), (1 << 32) - 1))
    try:
        link.socket.send(request.SerializeToString(), zmq.NOBLOCK)
    except zmq.Again as error:
        raise Unavailable(f"the connection to {link.endpoint} was lost") from error


def received(link: Link) -> tuple[Any, Sequence[bytes]]:
    """An envelope and the frames of its tensors."""
    try:
        envelope, *frames = link.socket.recv_multipart(zmq.NOBLOCK)
        return pb.Envelope.FromString(envelope), frames
    except DecodeError as error:
        raise ImpRAGError("failed_precondition", f"{link.endpoint} does not speak this protocol") from error


def body(reply: Any, frames: Sequence[bytes], endpoint: str) -> Any:
    """What an envelope carries, or the failure raised."""
    kind = reply.WhichOneof("body")
    if kind is None:
        raise ImpRAGError("failed_precondition", f"{endpoint} sends a reply that this version does not know")
    if kind == "embed_reply":
        return EmbedReply(reply.embed_reply, reply.tensors, frames, reply.fingerprint)
    if kind != "failure":
        return getattr(reply, kind)
    failure = reply.failure
    known = failure.code in pb.ErrorCode.values()
    code = str(pb.ErrorCode.Name(failure.code)).lower() if known else f"code {failure.code}"
    if code == "unavailable":
        raise Unavailable(
            failure.message, node=failure.node, is_answer=True, other_collection=failure.other_collection
        )
    retry_after = failure.retry_after_ms / 1000 if failure.retry_after_ms else None
    raise ImpRAGError(code, failure.message, node=failure.node, retry_after=retry_after)
