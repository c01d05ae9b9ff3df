"""A client of ImpRAG clusters: answers from your passages, streamed."""

from ._client import Answer, AsyncAnswer, AsyncClient, Client
from ._errors import ImpRAGError
from ._options import AskOptions, SearchOptions
from ._values import (
    AnswerEvent,
    Completeness,
    CompleteAnswer,
    Deleted,
    Done,
    Embedded,
    Found,
    Metadata,
    NodeStatus,
    Passage,
    Source,
    Sources,
    Timings,
    Token,
    Upserted,
)

__all__ = [
    "Answer",
    "AnswerEvent",
    "AskOptions",
    "AsyncAnswer",
    "AsyncClient",
    "Client",
    "CompleteAnswer",
    "Completeness",
    "Deleted",
    "Done",
    "Embedded",
    "Found",
    "ImpRAGError",
    "Metadata",
    "NodeStatus",
    "Passage",
    "SearchOptions",
    "Source",
    "Sources",
    "Timings",
    "Token",
    "Upserted",
]
