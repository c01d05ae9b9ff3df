"""The clients, for threads and for asyncio."""

from __future__ import annotations

import asyncio
import math
import os
import secrets
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import zmq

from . import imprag_pb2 as pb
from ._conversation import Coordinators, Ready, Wait, conversation
from ._errors import ImpRAGError
from ._links import Key, Links
from ._options import WORDS, ask_request, chosen, embed_request, search_request
from ._values import (
    AnswerEvent,
    CompleteAnswer,
    Deleted,
    Done,
    Embedded,
    EmbedReply,
    Found,
    NodeStatus,
    Passage,
    Sources,
    Token,
    Upserted,
    completeness_value,
    embedded_value,
    event_value,
    node_value,
    passage_message,
    source_values,
    timings_value,
)

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._options import AskOptions, Messages, Role, SearchOptions

WAITS = {"durable": pb.DURABLE, "found": pb.FOUND}


def wait_here(wait: Wait) -> Ready:
    if not wait.sockets:
        time.sleep(wait.seconds)
        return frozenset()
    poller = zmq.Poller()
    for socket, flags in wait.sockets:
        poller.register(socket, flags)
    return frozenset(dict(poller.poll(math.ceil(wait.seconds * 1000))))


async def wait_in_loop(wait: Wait) -> Ready:
    loop = asyncio.get_running_loop()
    end = loop.time() + wait.seconds
    while True:
        # Asking for the events also takes back the signal of the descriptor, which comes once for all that is there.
        ready = frozenset(socket for socket, flags in wait.sockets if socket.getsockopt(zmq.EVENTS) & flags)
        left = end - loop.time()
        if ready or left <= 0:
            return ready
        woken = asyncio.Event()
        for socket, _ in wait.sockets:
            loop.add_reader(socket.FD, woken.set)
        try:
            await asyncio.wait_for(woken.wait(), left)
        except asyncio.TimeoutError:
            pass
        finally:
            for socket, _ in wait.sockets:
                loop.remove_reader(socket.FD)


class _Replies:
    """The replies to one request. Dropping or closing it stops the work on the cluster."""

    def __init__(self, client: _Base, timeout: float | None, body: dict[str, Any]) -> None:
        seconds = client.timeout if timeout is None else timeout
        envelope = pb.Envelope(protocol_version=1, collection=client.collection, **body)
        self._steps = conversation(client._links, client._coordinators, envelope, time.monotonic() + seconds)
        self._ready: Any = None

    def next(self) -> Any:
        try:
            while True:
                step = self._steps.send(self._ready)
                self._ready = None
                if not isinstance(step, Wait):
                    return step
                self._ready = wait_here(step)
        except StopIteration:
            return None
        except BaseException:
            self.close()
            raise

    async def next_in_loop(self) -> Any:
        try:
            while True:
                step = self._steps.send(self._ready)
                self._ready = None
                if not isinstance(step, Wait):
                    return step
                self._ready = await wait_in_loop(step)
        except StopIteration:
            return None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._steps.close()


class _AnswerBase:
    def __init__(self, replies: _Replies, request: Any) -> None:
        self._replies, self._request = replies, request

    def close(self) -> None:
        """Stops the work on the cluster, if the answer has not ended."""
        self._replies.close()

    def _event(self, reply: Any) -> AnswerEvent:
        if isinstance(reply, pb.AskSources):
            check(reply, self._request, self.close)
        if isinstance(reply, pb.AskDone) and self._request.abstain and not reply.record.abstains:
            raise ImpRAGError("failed_precondition", "the cluster did not look for reasons to abstain: update it")
        event = event_value(reply)
        if event is None:
            self.close()
            raise unexpected("ask")
        return event


class Answer(_AnswerBase):
    """Yields `Sources`, then `Token`s, then `Done`. Belongs to one thread; leaving it early stops the cluster's work."""

    def __iter__(self) -> Answer:
        return self

    def __next__(self) -> AnswerEvent:
        reply = self._replies.next()
        if reply is None:
            raise StopIteration
        return self._event(reply)

    def read(self) -> CompleteAnswer:
        """Reads all of it."""
        return complete(list(self))


class AsyncAnswer(_AnswerBase):
    """Yields `Sources`, then `Token`s, then `Done`. Dropping it, or cancelling its task, stops the cluster's work."""

    def __aiter__(self) -> AsyncAnswer:
        return self

    async def __anext__(self) -> AnswerEvent:
        reply = await self._replies.next_in_loop()
        if reply is None:
            raise StopAsyncIteration
        return self._event(reply)

    async def read(self) -> CompleteAnswer:
        """Reads all of it."""
        return complete([event async for event in self])


class _Base:
    """`endpoints`: the coordinators'; `timeout`: seconds for each request, unless it says otherwise."""

    def __init__(
        self,
        endpoints: str | Sequence[str],
        *,
        collection: str = "",
        key_file: str | os.PathLike[str] | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._coordinators = Coordinators(endpoints.split(",") if isinstance(endpoints, str) else endpoints)
        self._links = Links(Key.read(key_file) if key_file is not None else None)
        self.collection, self.timeout = collection, timeout

    def close(self) -> None:
        """Closes the connections; one that an answer still uses, after that answer."""
        self._links.close()


class Client(_Base):
    """A client for threads: any may use it. With several endpoints a lost coordinator is replaced by the next."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, prompt: str, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> Answer:
        """Answers a prompt, token by token."""
        request = ask_request(prompt, options)
        return Answer(_Replies(self, timeout, {"ask": request}), request)

    def chat(self, messages: Messages, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> Answer:
        """Answers the last of the messages ({"role": "user", "content": "…"}), in the model's chat or task template."""
        request = ask_request(messages, options)
        return Answer(_Replies(self, timeout, {"ask": request}), request)

    def embed(self, texts: Sequence[str], *, role: Role = "passage", timeout: float | None = None) -> Embedded:
        """The vectors that texts are indexed with, or with `role="query"` searched with."""
        request = embed_request(texts, role)
        return embedded(_Replies(self, timeout, {"embed": request}).next(), len(request.texts))

    def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        """The passages that a prompt retrieves, without an answer."""
        request = search_request(prompt, options)
        return found(_Replies(self, timeout, {"search": request}).next(), request)

    def upsert(
        self, passages: Sequence[Passage], *, wait: str = "durable", key: bytes | None = None, timeout: float | None = None
    ) -> Upserted:
        """Commits passages in one epoch; of those with the same id, the last.

        After an error, repeat it with the same `key` (16 bytes): it is done once.
        """
        return upserted(_Replies(self, timeout, {"upsert": upsert_request(passages, wait, key)}).next(), wait)

    def delete(
        self, ids: Sequence[str], *, wait: str = "durable", key: bytes | None = None, timeout: float | None = None
    ) -> Deleted:
        """Commits the deletion of passages; unknown ids are no error. Else as `upsert`."""
        return deleted(_Replies(self, timeout, {"delete": delete_request(ids, wait, key)}).next(), wait)

    def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        """Every node of the cluster."""
        return nodes(_Replies(self, timeout, {"status": {}}).next())


class AsyncClient(_Base):
    """A client for asyncio, with the methods of `Client`; `ask` returns its answer at once, to be iterated."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def ask(self, prompt: str, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> AsyncAnswer:
        request = ask_request(prompt, options)
        return AsyncAnswer(_Replies(self, timeout, {"ask": request}), request)

    def chat(self, messages: Messages, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> AsyncAnswer:
        request = ask_request(messages, options)
        return AsyncAnswer(_Replies(self, timeout, {"ask": request}), request)

    async def embed(self, texts: Sequence[str], *, role: Role = "passage", timeout: float | None = None) -> Embedded:
        request = embed_request(texts, role)
        return embedded(await _Replies(self, timeout, {"embed": request}).next_in_loop(), len(request.texts))

    async def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        request = search_request(prompt, options)
        return found(await _Replies(self, timeout, {"search": request}).next_in_loop(), request)

    async def upsert(
        self, passages: Sequence[Passage], *, wait: str = "durable", key: bytes | None = None, timeout: float | None = None
    ) -> Upserted:
        replies = _Replies(self, timeout, {"upsert": upsert_request(passages, wait, key)})
        return upserted(await replies.next_in_loop(), wait)

    async def delete(
        self, ids: Sequence[str], *, wait: str = "durable", key: bytes | None = None, timeout: float | None = None
    ) -> Deleted:
        replies = _Replies(self, timeout, {"delete": delete_request(ids, wait, key)})
        return deleted(await replies.next_in_loop(), wait)

    async def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        return nodes(await _Replies(self, timeout, {"status": {}}).next_in_loop())


def upsert_request(passages: Sequence[Passage], wait: str, key: bytes | None) -> Any:
    messages = [passage_message(passage) for passage in passages]
    return pb.UpsertRequest(passages=messages, wait=chosen(WAITS, "wait", wait), update_key=key or secrets.token_bytes(16))


def delete_request(ids: Sequence[str], wait: str, key: bytes | None) -> Any:
    return pb.DeleteRequest(ids=ids, wait=chosen(WAITS, "wait", wait), update_key=key or secrets.token_bytes(16))


def complete(events: Sequence[AnswerEvent]) -> CompleteAnswer:
    sources = [event for event in events if isinstance(event, Sources)]
    done = [event for event in events if isinstance(event, Done)]
    if len(sources) != 1 or len(done) != 1:
        raise ImpRAGError("failed_precondition", "the answer was begun already, or is not whole")
    return CompleteAnswer("".join(event.text for event in events if isinstance(event, Token)), sources[0], done[0])


def check(reply: Any, request: Any, close: Any = lambda: None) -> None:
    """An old version ignores what it does not know."""
    if request.options.HasField("filter") and not reply.filter_applied:
        close()
        raise ImpRAGError("failed_precondition", "the cluster ignored the filter: update it")
    if request.words != WORDS["off"] and not reply.words_searched:
        close()
        raise ImpRAGError("failed_precondition", "the cluster ignored the words: update it, or search with words off")


def found(reply: Any, request: Any) -> Found:
    if not isinstance(reply, pb.SearchReply):
        raise unexpected("search")
    check(reply, request)
    return Found(source_values(reply.passages), completeness_value(reply.completeness), timings_value(reply.timings))


def embedded(reply: Any, count: int) -> Embedded:
    value = embedded_value(reply, count) if isinstance(reply, EmbedReply) else None
    if value is None:
        raise unexpected("embed")
    return value


def upserted(reply: Any, wait: str) -> Upserted:
    if not isinstance(reply, pb.UpsertReply):
        raise unexpected("upsert")
    check_wait(reply, wait)
    return Upserted(reply.epoch, reply.found, reply.inserted, reply.replaced, reply.cut)


def deleted(reply: Any, wait: str) -> Deleted:
    if not isinstance(reply, pb.DeleteReply):
        raise unexpected("delete")
    check_wait(reply, wait)
    return Deleted(reply.epoch, reply.found, reply.deleted)


def check_wait(reply: Any, wait: str) -> None:
    if wait == "found" and not reply.found:
        raise ImpRAGError("failed_precondition", "the cluster did not wait until the update is found: update it")


def nodes(reply: Any) -> list[NodeStatus]:
    if not isinstance(reply, pb.StatusReply):
        raise unexpected("status")
    return [node_value(node) for node in reply.nodes]


def unexpected(request: str) -> ImpRAGError:
    return ImpRAGError("failed_precondition", f"{request} was answered with something else; that is not this protocol")
