"""A retriever and an LLM for LlamaIndex. Needs `imprag[llama-index]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
)
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr

from ._client import AsyncClient, Client
from ._errors import ImpRAGError
from ._values import AnswerEvent, Source, Sources, Token


class ImpRAGRetriever(BaseRetriever):
    """The passages that a cluster finds, as nodes; their metadata is the passages', with `title`.

    `options` are those of `Client.search`: k, filter, words, …. Without an `async_client`, asyncio is blocked meanwhile.
    """

    def __init__(self, client: Client, async_client: AsyncClient | None = None, **options: Any) -> None:
        super().__init__()
        self._client, self._async_client, self._options = client, async_client, options

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return nodes(self._client.search(query_bundle.query_str, **self._options).passages)

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if self._async_client is None:
            return self._retrieve(query_bundle)
        return nodes((await self._async_client.search(query_bundle.query_str, **self._options)).passages)


class ImpRAG(CustomLLM):
    """A cluster's answers. It retrieves by itself, unless `k=0`; the passages are `additional_kwargs["sources"]`, as nodes.

    `options` are those of `Client.ask`: k, filter, max_tokens, temperature, …; each call may have its own.
    """

    _client: Client = PrivateAttr()
    _async_client: AsyncClient | None = PrivateAttr()
    _options: dict[str, Any] = PrivateAttr()

    def __init__(self, client: Client, async_client: AsyncClient | None = None, **options: Any) -> None:
        super().__init__(messages_to_prompt=question)
        self._client, self._async_client, self._options = client, async_client, options

    @classmethod
    def class_name(cls) -> str:
        return "ImpRAG"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name=self._client.collection or "imprag")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return last(list(self._responses(prompt, kwargs)))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        return self._responses(prompt, kwargs)

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return last([response async for response in self._async_responses(prompt, kwargs)])

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:
        return self._async_responses(prompt, kwargs)

    def _responses(self, prompt: str, options: dict[str, Any]) -> CompletionResponseGen:
        text = Text()
        for event in self._client.ask(prompt, **{**self._options, **options}):
            yield text.response(event)

    async def _async_responses(self, prompt: str, options: dict[str, Any]) -> CompletionResponseAsyncGen:
        if self._async_client is None:
            for response in self._responses(prompt, options):
                yield response
            return
        text = Text()
        async for event in self._async_client.ask(prompt, **{**self._options, **options}):
            yield text.response(event)


class Text:
    """What an answer has become so far."""

    def __init__(self) -> None:
        self.text = ""
        self.details: dict[str, Any] = {}

    def response(self, event: AnswerEvent) -> CompletionResponse:
        if isinstance(event, Sources):
            self.details = {"sources": nodes(event.passages)}
        delta = event.text if isinstance(event, Token) else ""
        self.text += delta
        return CompletionResponse(text=self.text, delta=delta, raw=event, additional_kwargs=self.details)


def last(responses: list[CompletionResponse]) -> CompletionResponse:
    if not responses:
        raise ImpRAGError("failed_precondition", "the cluster ended the answer before it began")
    return responses[-1]


def question(messages: Sequence[ChatMessage]) -> str:
    """One message as it is, because passages are searched with it; several as a dialogue."""
    if len(messages) == 1:
        return messages[0].content or ""
    return "\n".join(f"{message.role.value}: {message.content or ''}" for message in messages)


def nodes(sources: Sequence[Source]) -> list[NodeWithScore]:
    return [NodeWithScore(node=node(source), score=source.score) for source in sources]


def node(source: Source) -> TextNode:
    passage = source.passage
    return TextNode(id_=passage.id, text=passage.text, metadata={**passage.metadata, "title": passage.title})
