"""Requests and replies of the HTTP gateway, as JSON."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ._errors import ImpRAGError, invalid
from ._options import ANSWER_FLAGS, ROLES, CommonAskOptions, CommonSearchOptions, Messages, check, checked_messages, listed
from ._values import (
    AnswerEvent,
    Completeness,
    Deleted,
    Done,
    Embedded,
    Found,
    NodeStatus,
    Passage,
    Source,
    Sources,
    Timings,
    Token,
    Upserted,
    rows_of,
)

JSON = dict[str, Any]
SEARCH_FIELDS = ("k", "filter", "recall", "exact", "words", "min_epoch")
SAMPLING_FIELDS = ("max_tokens", "temperature", "top_p", "seed", "stop")
WAITS = ("durable", "found")

# ---------------------------------------------------------------------------------------------- requests


def search_fields(options: Mapping[str, Any], timeout: float) -> JSON:
    fields = {name: options[name] for name in SEARCH_FIELDS if options.get(name) is not None}
    if options.get("partial"):
        fields["completeness"] = "partial"
    return {**fields, "timeout_ms": milliseconds(timeout)}


def completion_body(prompt: str | Messages, model: str, options: Mapping[str, Any], timeout: float) -> JSON:
    """`prompt`: also the messages of a chat."""
    check(options, CommonAskOptions.__annotations__)
    imprag = search_fields(options, timeout)
    if "encoding" in options:
        imprag["encoding"] = options["encoding"]
    imprag.update({name: options[name] for name in ANSWER_FLAGS if options.get(name) is not None})
    sampling = {name: options[name] for name in SAMPLING_FIELDS if options.get(name) is not None}
    streaming = {"stream": True, "stream_options": {"include_usage": True}}
    subject: JSON = {"prompt": prompt, "logprobs": 0}
    if not isinstance(prompt, str):
        subject = {"messages": checked_messages(prompt), "logprobs": True}
    return {"model": model, **subject, **sampling, **streaming, "imprag": imprag}


def embeddings_body(texts: Sequence[str], model: str, role: str, timeout: float) -> JSON:
    if role not in ROLES:
        raise invalid(f"role is {role!r}; one of {', '.join(ROLES)} is right")
    own = {"timeout_ms": milliseconds(timeout)}
    return {"model": model, "input": listed(texts), "input_type": role, "encoding_format": "base64", "imprag": own}


def search_body(prompt: str, model: str, options: Mapping[str, Any], timeout: float) -> JSON:
    check(options, CommonSearchOptions.__annotations__)
    return {"model": model, "query": prompt, **search_fields(options, timeout)}


def upsert_body(passages: Sequence[Passage], model: str, wait: str, timeout: float) -> JSON:
    sent = [
        {"id": passage.id, "title": passage.title, "text": passage.text, "metadata": metadata_json(passage)}
        for passage in passages
    ]
    return {"model": model, "passages": sent, **update_fields(wait, timeout)}


def metadata_json(passage: Passage) -> JSON:
    return {name: value if isinstance(value, (str, int, float)) else list(value) for name, value in passage.metadata.items()}


def delete_body(ids: Sequence[str], model: str, wait: str, timeout: float) -> JSON:
    return {"model": model, "ids": list(ids), **update_fields(wait, timeout)}


def update_fields(wait: str, timeout: float) -> JSON:
    if wait not in WAITS:
        raise invalid(f"wait is {wait!r}; one of {', '.join(WAITS)} is right")
    return {"wait": wait, "timeout_ms": milliseconds(timeout)}


def milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


# ---------------------------------------------------------------------------------------------- replies


def error_value(body: bytes, status: int, retry_after: str | None) -> ImpRAGError:
    """What a status other than 200 means; a proxy on the way may answer in its own words."""
    seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
    try:
        error = json.loads(body)["error"]
        return ImpRAGError(str(error["code"]), str(error["message"]), retry_after=seconds)
    except (ValueError, KeyError, TypeError):
        code = "unavailable" if status in (502, 503, 504) else "failed_precondition"
        return ImpRAGError(code, f"no gateway answered, but something else, with status {status}", retry_after=seconds)


def source_values(values: Sequence[JSON]) -> tuple[Source, ...]:
    return tuple(source_value(value) for value in values)


def source_value(value: JSON) -> Source:
    metadata = {name: tuple(each) if isinstance(each, list) else each for name, each in value.get("metadata", {}).items()}
    passage = Passage(value["id"], value.get("text", ""), value.get("title", ""), metadata)
    return Source(passage, value["score"], value["rank"] - 1)


def completeness_value(value: JSON) -> Completeness:
    missing = {
        shard["name"]: shard.get("message") or shard["state"] for shard in value["shards"] if shard["state"] != "answered"
    }
    return Completeness(value["complete"], value["passages_searched"], value["passages_total"], missing)


def timings_value(value: Mapping[str, float]) -> Timings:
    names = ("queue", "prompt", "search", "read", "first_token", "total")
    return Timings(**{name: value.get(name, 0.0) / 1000 for name in names})


def found_value(value: JSON) -> Found:
    completeness = completeness_value(value["completeness"])
    return Found(source_values(value["data"]), completeness, timings_value(value["timings_ms"]))


def embedded_value(value: JSON) -> Embedded:
    vectors = tuple(rows_of(base64.b64decode(each["embedding"]), 1)[0] for each in value["data"])
    own = value["imprag"]
    return Embedded(vectors, value["usage"]["prompt_tokens"], tuple(own["cut"]), bytes.fromhex(own["fingerprint"]))


def upserted_value(value: JSON) -> Upserted:
    counts = (value.get(name, 0) for name in ("inserted", "replaced", "cut"))
    return Upserted(value["epoch"], value["found"], *counts)


def deleted_value(value: JSON) -> Deleted:
    return Deleted(value["epoch"], value["found"], value.get("deleted", 0))


def node_values(value: JSON) -> list[NodeStatus]:
    return [
        NodeStatus(
            name=node["name"],
            role=node["role"],
            state=node["state"],
            passages=node.get("passages", 0),
            epoch=node.get("epoch", 0),
            detail=node.get("detail", ""),
            fingerprint=bytes.fromhex(node.get("fingerprint", "")),
        )
        for node in value["nodes"]
    ]


def token_values(choice: JSON, attention: Sequence[Sequence[float]]) -> list[Token]:
    """What a chunk's choice adds to the answer, of a completion or a chat; `attention` of its tokens, if it was measured."""
    logprobs = choice.get("logprobs") or {}
    if "delta" in choice:
        text, known = choice["delta"].get("content") or "", [each["logprob"] for each in logprobs.get("content") or []]
    else:
        text, known = choice.get("text") or "", logprobs.get("token_logprobs") or []
    looked = tuple(attention[0]) if attention else ()
    return [Token(text, None, sum(known) if known else math.nan, looked)] if text or known else []


class EventStream:
    """The lines of an answer that is streamed, as its events: no socket, no clock."""

    def __init__(self) -> None:
        self.is_over = False
        self._usage: JSON = {}
        self._end: JSON | None = None

    def events(self, line: str) -> list[AnswerEvent]:
        """What one line says. Comments, which keep the connection alive, say nothing."""
        if not line.startswith("data:") or self.is_over:
            return []
        data = line[len("data:") :].strip()
        if data == "[DONE]":
            self.is_over = True
            return [self._done()]
        chunk = json.loads(data)
        if "error" in chunk:
            raise error_value(data.encode(), 200, None)
        self._usage = chunk.get("usage") or self._usage
        imprag, choices = chunk.get("imprag"), chunk.get("choices") or []
        events: list[AnswerEvent] = []
        if imprag and "sources" in imprag and "finish" not in imprag:
            events.append(Sources(source_values(imprag["sources"]), None))
        attention = [token["attention"] for token in (imprag or {}).get("tokens", ())]
        events += [token for choice in choices for token in token_values(choice, attention)]
        if imprag and "finish" in imprag:
            self._end = imprag
        return events

    def _done(self) -> Done:
        if self._end is None:
            raise ImpRAGError("failed_precondition", "the gateway ended the answer without saying how it ended")
        end = self._end
        abstained = end.get("abstained", {})
        attention = [source["attention"] for source in end["sources"] if "attention" in source]
        return Done(
            finish=end["finish"],
            passage_attention=tuple(attention),
            prompt_tokens=self._usage.get("prompt_tokens", 0),
            generated_tokens=self._usage.get("completion_tokens", 0),
            timings=timings_value(end["timings_ms"]),
            completeness=completeness_value(end["completeness"]),
            proposed_tokens=end.get("proposed_tokens", 0),
            accepted_tokens=end.get("accepted_tokens", 0),
            abstained=abstained.get("reason"),
            why=abstained.get("why", ""),
        )
