"""A retriever and a generator for Haystack. Needs `imprag[haystack]`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from haystack import Document, component
from haystack.dataclasses import StreamingChunk

from ._client import AsyncClient, Client, complete
from ._errors import invalid
from ._options import Filter
from ._values import CompleteAnswer, Source, Token

COMPARISONS = {"==": "equals", ">": "above", ">=": "at_least", "<": "below", "<=": "at_most", "in": "in"}
NEGATIONS = {"!=": "==", "not in": "in"}


class _Component:
    """Clients are made when first needed: a pipeline is described, copied and stored without them.

    `component` makes the classes anew, so that theirs call this one by its name and not as `super()`.
    """

    def __init__(self, endpoints: str, key_file: str | None, collection: str, timeout: float) -> None:
        self.endpoints, self.key_file, self.collection, self.timeout = endpoints, key_file, collection, timeout
        self._client: Client | None = None
        self._async_client: AsyncClient | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(self.endpoints, **self._settings())
        return self._client

    @property
    def async_client(self) -> AsyncClient:
        if self._async_client is None:
            self._async_client = AsyncClient(self.endpoints, **self._settings())
        return self._async_client

    def _settings(self) -> dict[str, Any]:
        return {"key_file": self.key_file, "collection": self.collection, "timeout": self.timeout}


@component
class ImpRAGRetriever(_Component):
    """The passages that a cluster finds, as documents with their scores; their `meta` is the passages', with `title`.

    `filters` are Haystack's, or the cluster's own; `search_options` are those of `Client.search`: words, recall, ….
    """

    def __init__(
        self,
        endpoints: str,
        *,
        top_k: int | None = None,
        filters: dict[str, Any] | None = None,
        search_options: dict[str, Any] | None = None,
        key_file: str | None = None,
        collection: str = "",
        timeout: float = 10.0,
    ) -> None:
        _Component.__init__(self, endpoints, key_file, collection, timeout)
        self.top_k, self.filters, self.search_options = top_k, filters, search_options

    @component.output_types(documents=list[Document])
    def run(self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None) -> dict[str, Any]:
        found = self.client.search(query, **self._options(filters, top_k))
        return {"documents": [document(source) for source in found.passages]}

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, Any]:
        found = await self.async_client.search(query, **self._options(filters, top_k))
        return {"documents": [document(source) for source in found.passages]}

    def _options(self, filters: dict[str, Any] | None, top_k: int | None) -> Any:
        chosen = filters or self.filters
        wanted = self.top_k if top_k is None else top_k
        return {**(self.search_options or {}), "k": wanted, "filter": own_filter(chosen) if chosen else None}


@component
class ImpRAGGenerator(_Component):
    """A cluster's answers, and the documents that they are read from. It retrieves by itself, unless `k` is 0.

    `generation_kwargs` are the options of `Client.ask`: k, filter, max_tokens, temperature, ….
    """

    def __init__(
        self,
        endpoints: str,
        *,
        generation_kwargs: dict[str, Any] | None = None,
        key_file: str | None = None,
        collection: str = "",
        timeout: float = 60.0,
    ) -> None:
        _Component.__init__(self, endpoints, key_file, collection, timeout)
        self.generation_kwargs = generation_kwargs

    @component.output_types(replies=list[str], meta=list[dict[str, Any]], documents=list[Document])
    def run(
        self,
        prompt: str,
        generation_kwargs: dict[str, Any] | None = None,
        streaming_callback: Callable[[StreamingChunk], Any] | None = None,
    ) -> dict[str, Any]:
        events = []
        for event in self.client.ask(prompt, **self._options(generation_kwargs)):
            events.append(event)
            if streaming_callback and isinstance(event, Token):
                streaming_callback(StreamingChunk(event.text))
        return reply(complete(events))

    @component.output_types(replies=list[str], meta=list[dict[str, Any]], documents=list[Document])
    async def run_async(
        self,
        prompt: str,
        generation_kwargs: dict[str, Any] | None = None,
        streaming_callback: Callable[[StreamingChunk], Any] | None = None,
    ) -> dict[str, Any]:
        events = []
        async for event in self.async_client.ask(prompt, **self._options(generation_kwargs)):
            events.append(event)
            if streaming_callback and isinstance(event, Token):
                waiting = streaming_callback(StreamingChunk(event.text))
                if inspect.isawaitable(waiting):
                    await waiting
        return reply(complete(events))

    def _options(self, generation_kwargs: dict[str, Any] | None) -> Any:
        return {**(self.generation_kwargs or {}), **(generation_kwargs or {})}


def reply(answer: CompleteAnswer) -> dict[str, Any]:
    usage = {"prompt_tokens": answer.done.prompt_tokens, "completion_tokens": answer.done.generated_tokens}
    meta = {"finish_reason": answer.done.finish, "usage": usage}
    documents = [document(source) for source in answer.sources.passages]
    return {"replies": [answer.text], "meta": [meta], "documents": documents}


def document(source: Source) -> Document:
    passage = source.passage
    meta = {**passage.metadata, "title": passage.title}
    return Document(id=passage.id, content=passage.text, meta=meta, score=source.score)


def own_filter(filters: Mapping[str, Any]) -> Filter:
    """Haystack's filters as the cluster's; those of the cluster as they are."""
    operator = filters.get("operator")
    if operator is None:
        return filters
    if operator in ("AND", "OR"):
        return {"all" if operator == "AND" else "any": [own_filter(each) for each in filters["conditions"]]}
    if operator == "NOT":
        return {"not": {"all": [own_filter(each) for each in filters["conditions"]]}}
    if operator in NEGATIONS:
        return {"not": own_filter({**filters, "operator": NEGATIONS[operator]})}
    if operator not in COMPARISONS:
        known = ", ".join([*COMPARISONS, *NEGATIONS, "AND", "OR", "NOT"])
        raise invalid(f"filters have no operator {operator!r}; known: {known}")
    return {"field": str(filters["field"]).removeprefix("meta."), COMPARISONS[operator]: filters["value"]}
