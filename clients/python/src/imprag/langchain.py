"""A retriever for LangChain. Needs `imprag[langchain]`."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from ._client import AsyncClient, Client
from ._values import Source


class ImpRAGRetriever(BaseRetriever):
    """The passages that a cluster finds, as documents.

    Their metadata is the passages', with `title`, `score` and `rank`, 0 for the best. Without an `async_client`, asyncio
    waits in a thread.
    """

    client: Client = Field(exclude=True)
    async_client: AsyncClient | None = Field(default=None, exclude=True)
    options: dict[str, Any] = Field(default_factory=dict)
    """As `Client.search` takes them: k, filter, words, …; `invoke` may have its own, too."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **options: Any
    ) -> list[Document]:
        found = self.client.search(query, **{**self.options, **options})
        return [document(source) for source in found.passages]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **options: Any
    ) -> list[Document]:
        if self.async_client is None:
            found = await asyncio.to_thread(self.client.search, query, **{**self.options, **options})
        else:
            found = await self.async_client.search(query, **{**self.options, **options})
        return [document(source) for source in found.passages]


def document(source: Source) -> Document:
    passage = source.passage
    own = {"title": passage.title, "score": source.score, "rank": source.rank}
    return Document(id=passage.id, page_content=passage.text, metadata={**passage.metadata, **own})
