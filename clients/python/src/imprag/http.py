"""The clients over HTTP, of `imprag gateway`: the same methods and values as the RPC's. Needs `imprag[http]`."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict

import httpx

from . import _json
from ._client import complete
from ._errors import ImpRAGError
from ._options import Filter
from ._values import AnswerEvent, CompleteAnswer, Deleted, Found, NodeStatus, Passage, Upserted

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

GRACE_S = 1.0  # the gateway knows the deadline, and its word about it is better than ours
STREAM = {"Accept": "text/event-stream"}


class SearchOptions(TypedDict, total=False):
    """As `imprag.SearchOptions`; HTTP has no raw knobs of the index."""

    k: int
    filter: Filter | str | None
    """Also as its JSON."""
    words: Literal["off", "fuse", "only"]
    partial: bool
    exact: bool
    recall: float
    min_epoch: int


class AskOptions(SearchOptions, total=False):
    """As for a search, and how the answer is generated."""

    encoding: Literal["concatenated", "segmented", "independent"]
    temperature: float
    top_p: float
    seed: int
    stop: str | Sequence[str]
    max_tokens: int
    speculate: bool
    token_attention: bool


class _Base:
    """`url`: the gateway's; `key`: one of its keys; `timeout`: seconds for each request, unless it says otherwise."""

    _open: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        url: str = "http://127.0.0.1:7180",
        *,
        collection: str = "",
        key: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = self._open(base_url=url, headers=headers)
        self.collection, self.timeout = collection, timeout

    def _call(self, method: str, path: str, body: Any, seconds: float) -> dict[str, Any]:
        return {"method": method, "url": path, "json": body, "timeout": seconds + GRACE_S}

    def _ask(self, prompt: str, timeout: float | None, options: Any) -> tuple[dict[str, Any], float]:
        seconds = self.timeout if timeout is None else timeout
        body = _json.completion_body(prompt, self.collection, options, AskOptions.__annotations__, seconds)
        return {**self._call("POST", "/v1/completions", body, seconds), "headers": STREAM}, seconds

    def _search(self, prompt: str, timeout: float | None, options: Any) -> dict[str, Any]:
        seconds = self.timeout if timeout is None else timeout
        body = _json.search_body(prompt, self.collection, options, SearchOptions.__annotations__, seconds)
        return self._call("POST", "/v1/search", body, seconds)

    def _upsert(self, passages: Sequence[Passage], wait: str, timeout: float | None) -> dict[str, Any]:
        seconds = self.timeout if timeout is None else timeout
        return self._call("POST", "/v1/passages", _json.upsert_body(passages, self.collection, wait, seconds), seconds)

    def _delete(self, ids: Sequence[str], wait: str, timeout: float | None) -> dict[str, Any]:
        seconds = self.timeout if timeout is None else timeout
        return self._call("DELETE", "/v1/passages", _json.delete_body(ids, self.collection, wait, seconds), seconds)

    def _status(self, timeout: float | None) -> dict[str, Any]:
        return self._call("GET", "/v1/status", None, self.timeout if timeout is None else timeout)


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
        call, seconds = self._ask(prompt, timeout, options)
        return HTTPAnswer(self._stream(call, seconds))

    def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        """The passages that a prompt retrieves, without an answer."""
        return _json.found_value(self._get(self._search(prompt, timeout, options)))

    def upsert(self, passages: Sequence[Passage], *, wait: str = "durable", timeout: float | None = None) -> Upserted:
        """Commits passages in one epoch."""
        return _json.upserted_value(self._get(self._upsert(passages, wait, timeout)))

    def delete(self, ids: Sequence[str], *, wait: str = "durable", timeout: float | None = None) -> Deleted:
        """Commits the deletion of passages; unknown ids are no error."""
        return _json.deleted_value(self._get(self._delete(ids, wait, timeout)))

    def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        """Every node of the cluster."""
        return _json.node_values(self._get(self._status(timeout)))

    def _get(self, call: dict[str, Any]) -> Any:
        try:
            response = self._http.request(**call)
        except httpx.HTTPError as error:
            raise failure(error) from error
        return value_of(response)

    def _stream(self, call: dict[str, Any], seconds: float) -> Iterator[AnswerEvent]:
        end, stream = time.monotonic() + seconds + GRACE_S, _json.EventStream()
        try:
            with self._http.stream(**call) as response:
                if response.status_code != 200:
                    response.read()
                    raise refusal(response)
                for line in response.iter_lines():
                    yield from stream.events(line)
                    check(stream, end)
        except httpx.HTTPError as error:
            raise failure(error) from error
        check_whole(stream)


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
        call, seconds = self._ask(prompt, timeout, options)
        return AsyncHTTPAnswer(self._stream(call, seconds))

    async def search(self, prompt: str, *, timeout: float | None = None, **options: Unpack[SearchOptions]) -> Found:
        return _json.found_value(await self._get(self._search(prompt, timeout, options)))

    async def upsert(self, passages: Sequence[Passage], *, wait: str = "durable", timeout: float | None = None) -> Upserted:
        return _json.upserted_value(await self._get(self._upsert(passages, wait, timeout)))

    async def delete(self, ids: Sequence[str], *, wait: str = "durable", timeout: float | None = None) -> Deleted:
        return _json.deleted_value(await self._get(self._delete(ids, wait, timeout)))

    async def status(self, *, timeout: float | None = None) -> list[NodeStatus]:
        return _json.node_values(await self._get(self._status(timeout)))

    async def _get(self, call: dict[str, Any]) -> Any:
        try:
            response = await self._http.request(**call)
        except httpx.HTTPError as error:
            raise failure(error) from error
        return value_of(response)

    async def _stream(self, call: dict[str, Any], seconds: float) -> AsyncIterator[AnswerEvent]:
        end, stream = time.monotonic() + seconds + GRACE_S, _json.EventStream()
        try:
            async with self._http.stream(**call) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise refusal(response)
                async for line in response.aiter_lines():
                    for event in stream.events(line):
                        yield event
                    check(stream, end)
        except httpx.HTTPError as error:
            raise failure(error) from error
        check_whole(stream)


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


def failure(error: httpx.HTTPError) -> ImpRAGError:
    if isinstance(error, httpx.TimeoutException):
        return ImpRAGError("deadline_exceeded", "no reply of the gateway in time")
    return ImpRAGError("unavailable", f"the gateway cannot be reached, or was lost: {error}")


def check(stream: _json.EventStream, end: float) -> None:
    if not stream.is_over and time.monotonic() > end:
        raise ImpRAGError("deadline_exceeded", "the answer did not end in time")


def check_whole(stream: _json.EventStream) -> None:
    if not stream.is_over:
        raise ImpRAGError("unavailable", "the gateway was lost in the middle of its answer")
