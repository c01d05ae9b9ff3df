"""What goes to a cluster and comes back from it, as values; and the messages of the wire that carry them."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from . import imprag_pb2 as pb
from ._errors import invalid

MetadataValue = Union[str, int, float, Sequence[str]]
Metadata = Mapping[str, MetadataValue]
EXACT_IN_A_DOUBLE = 1 << 53


@dataclass(frozen=True)
class Passage:
    """`metadata` is for filters: the model does not see it."""

    id: str
    text: str
    title: str = ""
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A passage that was found. `rank` 0 is the best; `score` is what the passages are ordered by."""

    passage: Passage
    score: float
    rank: int


@dataclass(frozen=True)
class Completeness:
    """Which share of the passages was searched. `missing` has the shards that did not answer, and why."""

    complete: bool
    passages_searched: int
    passages_total: int
    missing: Mapping[str, str]


@dataclass(frozen=True)
class Timings:
    """Seconds."""

    queue: float
    prompt: float
    search: float
    read: float
    first_token: float
    total: float


@dataclass(frozen=True)
class Sources:
    """The first event of an answer: what it is read from, best first. Over HTTP `Done` alone has the `completeness`."""

    passages: tuple[Source, ...]
    completeness: Completeness | None


@dataclass(frozen=True)
class Token:
    """One step of an answer. `text` may be empty; `token` is None where a step only releases text held back."""

    text: str
    token: int | None
    logprob: float
    attention: tuple[float, ...] = ()
    """With `token_attention`: the share of attention that each passage had when it was chosen, by rank."""


@dataclass(frozen=True)
class Done:
    """The last event of an answer. `passage_attention` has the share of attention of each passage, by rank;
    `accepted_tokens` of `proposed_tokens` were right and saved a pass of the model each."""

    finish: str
    passage_attention: tuple[float, ...]
    prompt_tokens: int
    generated_tokens: int
    timings: Timings
    completeness: Completeness
    proposed_tokens: int = 0
    accepted_tokens: int = 0
    abstained: str | None = None
    """Why there is no answer, as in `low_score`; text that came before is then not to be relied on. None: there is one."""
    why: str = ""


AnswerEvent = Union[Sources, Token, Done]


@dataclass(frozen=True)
class CompleteAnswer:
    """An answer that has been read to its end."""

    text: str
    sources: Sources
    done: Done


@dataclass(frozen=True)
class Found:
    """What a search found, best first."""

    passages: tuple[Source, ...]
    completeness: Completeness
    timings: Timings


@dataclass(frozen=True)
class Upserted:
    """`cut` passages are longer than what the model reads. Counts only when `found`, as with `wait="found"`."""

    epoch: int
    found: bool
    inserted: int
    replaced: int
    cut: int


@dataclass(frozen=True)
class Deleted:
    """`deleted` counts ids that existed, only when `found`, as with `wait="found"`."""

    epoch: int
    found: bool
    deleted: int


@dataclass(frozen=True)
class Embedded:
    """Embeddings, in the texts' order, not normalised; `tokens`: of all texts together. `cut`: the places of passages that
    are longer than what the model reads. `fingerprint`: of the model."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int
    cut: tuple[int, ...]
    fingerprint: bytes


@dataclass(frozen=True)
class NodeStatus:
    """One process of the cluster."""

    name: str
    role: str
    state: str
    passages: int
    epoch: int
    detail: str
    fingerprint: bytes


# ---------------------------------------------------------------------------------------------- to the wire


def passage_message(passage: Passage) -> Any:
    message = pb.Passage(id=passage.id, title=passage.title, text=passage.text)
    for name, value in passage.metadata.items():
        entry = message.metadata.add(field=name)
        if isinstance(value, str):
            entry.text = value
        elif isinstance(value, bool):
            raise invalid(f"passage {passage.id!r}: metadata {name!r} is {value}; a text, a number or texts are right")
        elif isinstance(value, (int, float)):
            set_number(entry, "number", value, f"passage {passage.id!r}: metadata {name!r}")
        elif isinstance(value, Sequence) and all(isinstance(text, str) for text in value):
            entry.list.SetInParent()
            entry.list.values.extend(value)
        else:
            raise invalid(f"passage {passage.id!r}: metadata {name!r} is no text, number or sequence of texts")
    return message


def set_number(message: Any, name: str, value: int | float, where: str) -> None:
    """Sets the double `name`, or `integer` for a whole number that no double equals."""
    if isinstance(value, int) and abs(value) > EXACT_IN_A_DOUBLE and not -(1 << 63) <= value < 1 << 63:
        raise invalid(f"{where} is {value}; whole numbers from -2^63 to 2^63 - 1 are right")
    if isinstance(value, int) and int(float(value)) != value:
        message.integer = value
    elif value - value == 0:
        setattr(message, name, float(value))
    else:
        raise invalid(f"{where} is {value}; a finite number is right")


# ---------------------------------------------------------------------------------------------- from the wire


def passage_value(message: Any) -> Passage:
    metadata: dict[str, MetadataValue] = {}
    for entry in message.metadata:
        kind = entry.WhichOneof("value")
        if kind == "list":
            metadata[entry.field] = tuple(entry.list.values)
        elif kind is not None:
            metadata[entry.field] = getattr(entry, kind)
    return Passage(id=message.id, text=message.text, title=message.title, metadata=metadata)


def source_values(messages: Any) -> tuple[Source, ...]:
    return tuple(Source(passage_value(message.passage), message.score, message.rank) for message in messages)


def completeness_value(message: Any) -> Completeness:
    missing = {
        shard.name: shard.message or name_of(pb.ShardState, shard.state)
        for shard in message.shards
        if shard.state != pb.ANSWERED
    }
    return Completeness(message.complete, message.passages_searched, message.passages_total, missing)


def timings_value(message: Any) -> Timings:
    names = ("queue", "prompt", "search", "read", "first_token", "total")
    return Timings(**{name: getattr(message, f"{name}_us") / 1e6 for name in names})


def event_value(message: Any) -> AnswerEvent | None:
    """None for a reply that does not belong to an answer."""
    if isinstance(message, pb.Token):
        token = message.token if message.HasField("token") else None
        return Token(message.text, token, message.logprob, tuple(message.passage_attention))
    if isinstance(message, pb.AskSources):
        return Sources(source_values(message.passages), completeness_value(message.completeness))
    if isinstance(message, pb.AskDone):
        return Done(
            finish=name_of(pb.FinishReason, message.finish),
            passage_attention=tuple(message.passage_attention),
            prompt_tokens=message.prompt_tokens,
            generated_tokens=message.generated_tokens,
            timings=timings_value(message.timings),
            completeness=completeness_value(message.completeness),
            proposed_tokens=message.proposed_tokens,
            accepted_tokens=message.accepted_tokens,
            abstained=name_of(pb.AbstainReason, message.abstained) if message.abstained else None,
            why=message.why,
        )
    return None


@dataclass(frozen=True)
class EmbedReply:
    """The message, and what came with it in the envelope."""

    message: Any
    tensors: Sequence[Any]
    frames: Sequence[bytes]
    fingerprint: bytes


def embedded_value(reply: EmbedReply, count: int) -> Embedded | None:
    """None for a reply that does not have one vector for each text."""
    shapes = [(tensor.data_type, list(tensor.shape)) for tensor in reply.tensors]
    if len(shapes) != 1 or len(reply.frames) != 1 or shapes[0][0] != pb.FLOAT32 or len(shapes[0][1]) != 2:
        return None
    rows, width = shapes[0][1]
    if rows != count or len(reply.message.tokens) != count or len(reply.frames[0]) != 4 * rows * width:
        return None
    vectors = rows_of(reply.frames[0], rows)
    cut = tuple(place for place, is_cut in enumerate(reply.message.cut) if is_cut)
    return Embedded(vectors, sum(reply.message.tokens), cut, reply.fingerprint)


def rows_of(data: bytes, rows: int) -> tuple[tuple[float, ...], ...]:
    """float32, little-endian."""
    numbers = array("f", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    width = len(numbers) // max(1, rows)
    return tuple(tuple(numbers[row * width : (row + 1) * width]) for row in range(rows))


def node_value(message: Any) -> NodeStatus:
    return NodeStatus(
        name=message.name,
        role=name_of(pb.NodeRole, message.role),
        state=name_of(pb.NodeState, message.state),
        passages=message.passages,
        epoch=message.epoch,
        detail=message.detail,
        fingerprint=message.fingerprint,
    )


def name_of(enumeration: Any, number: int) -> str:
    """A number that is newer than this package stands for itself."""
    return str(enumeration.Name(number)).lower() if number in enumeration.values() else str(number)
