"""The clients over HTTP, of `imprag gateway`: the same methods and values as the RPC's. Needs `imprag[http]`."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from . import _json
from ._client import complete
from ._errors import ImpRAGError, invalid
from ._options import CommonAskOptions as AskOptions
from ._options import CommonSearchOptions as SearchOptions
from ._values import AnswerEvent, CompleteAnswer, Deleted, Embedded, Found, NodeStatus, Passage, Sources, Token, Upserted

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._options import Messages, Role

__all__ = ["AskOptions", "AsyncHTTPAnswer", "AsyncHTTPClient", "HTTPAnswer", "HTTPClient", "SearchOptions"]

GRACE_S = 1.0  # the gateway knows the deadline, and its word about it is better than ours
CONNECT_S = 0.5  # for one gateway among several to accept a connection
STREAM = {"Accept": "text/event-stream"}


class _Call:
    """A request on its way from one gateway to the next, until one answers."""

    def __init__(self, client: _Base, method: str, path: str, body: Any, seconds: float, headers: Any = None) -> None:
        self._client, self._first, self._tried = client, client._preferred, 0
        self._fixed = {"method": method, "json": body, "headers": headers}
        self._path, self.end = path, time.monotonic() + seconds + GRACE_S

    @property
    def _place(self) -> int:
        return (self._first + self._tried) % len(self._client.urls)

    def arguments(self) -> dict[str, Any]:
        left = max(0.001, self.end - time.monotonic())
        connect = min(left, CONNECT_S) if len(self._client.urls) > 1 else left
        timeout = httpx.Timeout(left, connect=connect)
        return {**self._fixed, "url": self._client.urls[self._place] + self._path, "timeout": timeout}

    def answered(self) -> None:
        """The next request goes to the same gateway first."""
        self._client._preferred = self._place

    def failed(self, error: ImpRAGError) -> None:
        """Raises the error unless another gateway may do better."""
        self._tried += 1
        has_time = time.monotonic() < self.end - GRACE_S
        if error.code != "unavailable" or isinstance(error, _Differs) or self._tried >= len(self._client.urls) or not has_time:
            raise error


class _Differs(ImpRAGError):
    """What another gateway says in the place of the one that was lost."""


class _Told:
    """What has been given out of an answer. A gateway that begins it again must say the same, and is listened to from there."""

    def __init__(self) -> None:
        self._known: list[Any] = []
        self._place = 0

    def begin(self) -> None:
        """A gateway begins."""
        self._place = 0

    def new(self, events: Sequence[AnswerEvent]) -> Iterator[AnswerEvent]:
        """Its next events, without those that are known."""
        for event in events:
            if self._place == len(self._known):
                self._known.append(meaning(event))
                yield event
            elif meaning(event) != self._known[self._place]:
                raise _Differs(
                    "unavailable",
                    "the gateway was lost in the middle of its answer, and another one answers differently; ask again",
                )
            self._place += 1


class _Base:
    """`url`: the gateway's, or several, with commas between them or in a list: a request goes to the next one when one cannot
    be reached, is lost, or says that it is unavailable. `key`: one of their keys; `timeout`: seconds for each request, unless it
    says otherwise."""

    _open: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        url: str | Sequence[str] = "http://127.0.0.1:7180",
        *,
        collection: str = "",
        key: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        urls = url.split(",") if isinstance(url, str) else url
        self.urls = tuple(each.strip().rstrip("/") for each in urls)
        if not self.urls or len(set(self.urls)) < len(self.urls):
            raise invalid(f"the gateways are {', '.join(self.urls) or 'none'}; at least one, and each once, is right")
        self._preferred = 0
        self._http = self._open(headers={"Authorization": f"Bearer {key}"} if key else {})
        self.collection, self.timeout = collection, timeout

    def _seconds(self, timeout: float | None) -> float:
        return self.timeout if timeout is None else timeout

    def _ask(self, prompt: str | Messages, timeout: float | None, options: Any) -> _Call:
        seconds = self._seconds(timeout)
        if len(self.urls) > 1 and options.get("temperature", 0) > 0 and options.get("seed") is None:
            # Another gateway may have to go on, and must draw the same.
            options = {**options, "seed": random.getrandbits(63)}
        body = _json.completion_body(prompt, self.collection, options, seconds)
        path = "/v1/completions" if isinstance(prompt, str) else "/v1/chat/completions"
        return _Call(self, "POST", path, body, seconds, STREAM)

    def _search(self, prompt: str, timeout: float | None, options: Any) -> _Call:
        seconds = self._seconds(timeout)
        return _Call(self, "POST", "/v1/search", _json.search_body(prompt, self.collection, options, seconds), seconds)

    def _embed(self, texts: Sequence[str], role: str, timeout: float | None) -> _Call:
        seconds = self._seconds(timeout)
        return _Call(self, "POST", "/v1/embeddings", _json.embeddings_body(texts, self.collection, role, seconds), seconds)

    def _upsert(self, passages: Sequence[Passage], wait: str, timeout: float | None) -> _Call:
        seconds = self._seconds(timeout)
        return _Call(self, "POST", "/v1/passages", _json.upsert_body(passages, self.collection, wait, seconds), seconds)

    def _delete(self, ids: Sequence[str], wait: str, timeout: float | None) -> _Call:
        seconds = self._seconds(timeout)
        return _Call(self, "DELETE", "/v1/passages", _json.delete_body(ids, self.collection, wait, seconds), seconds)

    def _status(self, timeout: float | None) -> _Call:
        return _Call(self, "GET", "/v1/status", None, self._seconds(timeout))


class HTTPClient(_Base):
    """A client for threads: any may use it."""

    _open = httpx.Client
    _http: httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def ask(self, prompt: str, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> HTTPAnswer:
        """Answers a prompt, piece by piece."""
        return HTTPAnswer(self._stream(self._ask(prompt, timeout, options)))

    def chat(self, messages: Messages, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> HTTPAnswer:
        """Answers the last of the messages ({"role": "user", "content": "…"}), in the model's chat or task template."""
        return HTTPAnswer(self._stream(self._ask(messages, timeout, options)))

    def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        """The passages that a prompt retrieves, without an answer."""
        return _json.found_value(self._get(self._search(prompt, timeout, options)))

    def embed(self, texts: Sequence[str], *, role: Role = "passage", timeout: float | None = None) -> Embedded:
        """The vectors that texts are indexed with, or with `role="query"` searched with."""
        return _json.embedded_value(self._get(self._embed(texts, role, timeout)))

    def upsert(self, passages: Sequence[Passage], *, wait: str = "durable", timeout: float | None = None) -> Upserted:
        """Commits passages in one epoch; of those with the same id, the last."""
        return _json.upserted_value(self._get(self._upsert(passages, wait, timeout)))

    def delete(self, ids: Sequence[str], *, wait: str = "durable", timeout: float | None = None) -> Deleted:
        """Commits the deletion of passages; unknown ids are no error."""
        return _json.deleted_value(self._get(self._delete(ids, wait, timeout)))

    def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        """Every node of the cluster."""
        return _json.node_values(self._get(self._status(timeout)))

    def _get(self, call: _Call) -> Any:
        while True:
            try:
                value = value_of(self._http.request(**call.arguments()))
            except httpx.HTTPError as error:
                call.failed(failure(error, len(self.urls) > 1))
            except ImpRAGError as error:
                call.failed(error)
            else:
                call.answered()
                return value

    def _stream(self, call: _Call) -> Iterator[AnswerEvent]:
        told = _Told()
        while True:
            try:
                with self._http.stream(**call.arguments()) as response:
                    if response.status_code != 200:
                        response.read()
                        raise refusal(response)
                    call.answered()
                    told.begin()
                    stream = _json.EventStream()
                    for line in response.iter_lines():
                        yield from told.new(stream.events(line))
                        check(stream, call.end)
                    check_whole(stream)
            except httpx.HTTPError as error:
                call.failed(failure(error, len(self.urls) > 1))
            except ImpRAGError as error:
                call.failed(error)
            else:
                return


class AsyncHTTPClient(_Base):
    """A client for asyncio, with the methods of `HTTPClient`; `ask` returns its answer at once, to be iterated."""

    _open = httpx.AsyncClient
    _http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    def ask(self, prompt: str, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> AsyncHTTPAnswer:
        return AsyncHTTPAnswer(self._stream(self._ask(prompt, timeout, options)))

    def chat(self, messages: Messages, *, timeout: float | None = None, **options: Unpack[AskOptions]) -> AsyncHTTPAnswer:
        return AsyncHTTPAnswer(self._stream(self._ask(messages, timeout, options)))

    async def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        return _json.found_value(await self._get(self._search(prompt, timeout, options)))

    async def embed(self, texts: Sequence[str], *, role: Role = "passage", timeout: float | None = None) -> Embedded:
        return _json.embedded_value(await self._get(self._embed(texts, role, timeout)))

    async def upsert(self, passages: Sequence[Passage], *, wait: str = "durable", timeout: float | None = None) -> Upserted:
        return _json.upserted_value(await self._get(self._upsert(passages, wait, timeout)))

    async def delete(self, ids: Sequence[str], *, wait: str = "durable", timeout: float | None = None) -> Deleted:
        return _json.deleted_value(await self._get(self._delete(ids, wait, timeout)))

    async def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        return _json.node_values(await self._get(self._status(timeout)))

    async def _get(self, call: _Call) -> Any:
        while True:
            try:
                value = value_of(await self._http.request(**call.arguments()))
            except httpx.HTTPError as error:
                call.failed(failure(error, len(self.urls) > 1))
            except ImpRAGError as error:
                call.failed(error)
            else:
                call.answered()
                return value

    async def _stream(self, call: _Call) -> AsyncIterator[AnswerEvent]:
        told = _Told()
        while True:
            try:
                async with self._http.stream(**call.arguments()) as response:
                    if response.status_code != 200:
                        await response.aread()
                        raise refusal(response)
                    call.answered()
                    told.begin()
                    stream = _json.EventStream()
                    async for line in response.aiter_lines():
                        for event in told.new(stream.events(line)):
                            yield event
                        check(stream, call.end)
                    check_whole(stream)
            except httpx.HTTPError as error:
                call.failed(failure(error, len(self.urls) > 1))
            except ImpRAGError as error:
                call.failed(error)
            else:
                return


class HTTPAnswer:
    """Yields `Sources`, then `Token`s, then `Done`. Belongs to one thread; closing it early stops the cluster's work."""

    def __init__(self, events: Iterator[AnswerEvent]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[AnswerEvent]:
        return self._events

    def close(self) -> None:
        """Stops the work on the cluster, if the answer has not ended."""
        self._events.close()  # type: ignore[attr-defined]  # it is a generator

    def read(self) -> CompleteAnswer:
        """Reads all of it."""
        return complete(list(self))


class AsyncHTTPAnswer:
    """As `HTTPAnswer`; cancelling its task stops the cluster's work, too."""

    def __init__(self, events: AsyncIterator[AnswerEvent]) -> None:
        self._events = events

    def __aiter__(self) -> AsyncIterator[AnswerEvent]:
        return self._events

    async def close(self) -> None:
        """Stops the work on the cluster, if the answer has not ended."""
        await self._events.aclose()  # type: ignore[attr-defined]  # it is a generator

    async def read(self) -> CompleteAnswer:
        """Reads all of it."""
        return complete([event async for event in self])


def value_of(response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise refusal(response)
    try:
        return response.json()
    except json.JSONDecodeError as error:
        raise ImpRAGError("failed_precondition", f"{response.url} is no gateway: it does not answer in JSON") from error


def refusal(response: httpx.Response) -> ImpRAGError:
    return _json.error_value(response.content, response.status_code, response.headers.get("Retry-After"))


def failure(error: httpx.HTTPError, has_others: bool) -> ImpRAGError:
    if isinstance(error, httpx.TimeoutException) and not (has_others and isinstance(error, httpx.ConnectTimeout)):
        return ImpRAGError("deadline_exceeded", "no reply of the gateway in time")
    return ImpRAGError("unavailable", f"the gateway cannot be reached, or was lost: {error}")


def meaning(event: AnswerEvent) -> Any:
    """What two gateways must agree on."""
    if isinstance(event, Sources):
        return [source.passage.id for source in event.passages]
    return event.text if isinstance(event, Token) else None


def check(stream: _json.EventStream, end: float) -> None:
    if not stream.is_over and time.monotonic() > end:
        raise ImpRAGError("deadline_exceeded", "the answer did not end in time")


def check_whole(stream: _json.EventStream) -> None:
    if not stream.is_over:
        raise ImpRAGError("unavailable", "the gateway was lost in the middle of its answer")
