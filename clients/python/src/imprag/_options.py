"""How to ask and to search, as keyword arguments; and the requests that they become."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, TypeVar

from . import imprag_pb2 as pb
from ._errors import invalid
from ._values import set_number

Filter = Mapping[str, Any]
FILTER_DEPTH = 16
Choice = TypeVar("Choice")


class CommonSearchOptions(TypedDict, total=False):
    """What RPC and HTTP both have. Absent: the collection's, the model's or the cluster's own setting; docs/rpc.md explains
    each."""

    k: int
    """Passages to retrieve; 0: none."""
    filter: Filter | str | None
    """As in `imprag search --filter`: {"field": "lang", "equals": "en"}; "in", "at_least", "above", "at_most", "below";
    {"all": […]}, {"any": […]}, {"not": {…}}. Also as its JSON."""
    words: Literal["off", "fuse", "only"]
    partial: bool
    """Take an answer from the shards that answer, instead of an error when one is missing."""
    exact: bool
    recall: float
    min_epoch: int


class CommonAskOptions(CommonSearchOptions, total=False):
    """As for a search, and how the answer is generated."""

    encoding: Literal["concatenated", "segmented", "independent"]
    temperature: float
    top_p: float
    seed: int
    stop: str | Sequence[str]
    max_tokens: int
    speculate: bool
    """False: one token a pass of the model. The answer is the same, perhaps later."""
    token_attention: bool
    """Each `Token` says which passages it looked at."""
    abstain: bool
    """Answer only where the passages give reason to: `Done.abstained` says when not. Without it the cluster's policy holds."""


class SearchOptions(CommonSearchOptions, total=False):
    """Of a search over RPC, which has the raw knobs of the index, too."""

    words_weight: float
    probes: int
    candidates: int


class AskOptions(CommonAskOptions, SearchOptions, total=False):
    """Of an ask over RPC."""

    omit_passage_text: bool
    top_k: int


Role = Literal["query", "passage"]
Messages = Sequence[Mapping[str, str]]


SEARCH_FIELDS = ("exact", "recall", "probes", "candidates", "min_epoch")
SAMPLING_FIELDS = ("temperature", "top_p", "top_k", "seed", "max_tokens")
ROLES = {"query": pb.QUERY, "passage": pb.PASSAGE}
MESSAGE_FIELDS = {"role", "content"}
ANSWER_FLAGS = ("speculate", "token_attention", "abstain")
WORDS = {"off": pb.WORDS_OFF, "fuse": pb.WORDS_FUSE, "only": pb.WORDS_ONLY}
ENCODINGS = {"concatenated": pb.CONCATENATED, "segmented": pb.SEGMENTED, "independent": pb.INDEPENDENT}


def search_request(prompt: str, options: Mapping[str, Any]) -> Any:
    check(options, SearchOptions.__annotations__)
    return filled(pb.SearchRequest(prompt=prompt), options)


def embed_request(texts: Sequence[str], role: str) -> Any:
    return pb.EmbedRequest(texts=listed(texts), role=chosen(ROLES, "role", role))


def listed(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise invalid("texts is one text; a list of texts is right")
    return list(texts)


def checked_messages(messages: Messages) -> list[dict[str, str]]:
    for place, each in enumerate(messages):
        if not isinstance(each, Mapping) or set(each) != MESSAGE_FIELDS:
            raise invalid(f'messages[{place}]: {{"role": "user", "content": "…"}} is right, not {each!r}')
    return [dict(each) for each in messages]


def ask_request(prompt: str | Messages, options: Mapping[str, Any]) -> Any:
    """`prompt`: also the messages of a chat."""
    check(options, AskOptions.__annotations__)
    subject = {"prompt": prompt} if isinstance(prompt, str) else {"messages": checked_messages(prompt)}
    request = filled(pb.AskRequest(**subject), options)
    request.omit_passage_text = options.get("omit_passage_text", False)
    if "encoding" in options:
        request.encoding = chosen(ENCODINGS, "encoding", options["encoding"])
    for name in ANSWER_FLAGS:
        if options.get(name) is not None:
            setattr(request, name, options[name])
    request.sampling.MergeFrom(message(pb.Sampling, SAMPLING_FIELDS, options))
    stop = options.get("stop") or []
    request.sampling.stop.extend([stop] if isinstance(stop, str) else stop)
    if request.sampling.temperature > 0 and not request.sampling.HasField("seed"):
        # Another coordinator may have to go on, and must draw the same.
        request.sampling.seed = random.getrandbits(63)
    return request


def check(options: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in options:
        if name not in known:
            raise TypeError(f"there is no option {name!r}; known: {', '.join(sorted(known))}")


def filled(request: Any, options: Mapping[str, Any]) -> Any:
    if options.get("k") is not None:
        request.k = options["k"]
    if options.get("words_weight") is not None:
        request.words_weight = options["words_weight"]
    request.words = chosen(WORDS, "words", options.get("words", "off"))
    request.completeness = pb.PARTIAL if options.get("partial") else pb.FAIL
    request.options.MergeFrom(message(pb.SearchOptions, SEARCH_FIELDS, options))
    if options.get("filter") is not None:
        request.options.filter.MergeFrom(filter_message(parsed_filter(options["filter"])))
    return request


def message(kind: Any, names: Sequence[str], options: Mapping[str, Any]) -> Any:
    try:
        return kind(**{name: options[name] for name in names if options.get(name) is not None})
    except (TypeError, ValueError) as error:
        raise invalid(str(error)) from error


def chosen(known: Mapping[str, Choice], name: str, value: str) -> Choice:
    if value not in known:
        raise invalid(f"{name} is {value!r}; one of {', '.join(known)} is right")
    return known[value]


# ---------------------------------------------------------------------------------------------- filters

COMPARISONS = ("equals", "in", "at_least", "above", "at_most", "below")


def parsed_filter(value: Filter | str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise invalid(f"filter: it is no JSON: {error}") from error


def filter_message(value: Filter, path: str = "filter", depth: int = 1) -> Any:
    if depth > FILTER_DEPTH:
        raise invalid(f"{path}: it is nested deeper than {FILTER_DEPTH} levels")
    if not isinstance(value, Mapping):
        raise invalid(f'{path}: a dictionary such as {{"field": "lang", "equals": "en"}} is right, not {value!r}')
    combined = [name for name in ("all", "any", "not") if name in value]
    if not combined:
        return comparison_message(value, path)
    [name, *_] = combined
    if len(value) > 1:
        raise invalid(f'{path}: "{name}" stands alone; put other conditions beside it into an "all"')
    inner = value[name]
    if name == "not":
        return pb.Filter(negated=filter_message(inner, f"{path}.not", depth + 1))
    if not isinstance(inner, Sequence) or isinstance(inner, str):
        raise invalid(f"{path}.{name}: a list of filters is right, not {inner!r}")
    filters = [filter_message(each, f"{path}.{name}[{place}]", depth + 1) for place, each in enumerate(inner)]
    list_of_filters = pb.FilterList(filters=filters)
    return pb.Filter(all=list_of_filters) if name == "all" else pb.Filter(any=list_of_filters)


def comparison_message(value: Filter, path: str) -> Any:
    unknown = sorted(set(value) - {"field", *COMPARISONS})
    if unknown:
        raise invalid(f'{path}: there is no "{unknown[0]}"; known: field, {", ".join(COMPARISONS)}, all, any, not')
    field = value.get("field")
    if not isinstance(field, str):
        raise invalid(f'{path}: "field" names a field of the passages, as in "lang"')
    present = [name for name in COMPARISONS if name in value]
    if not present:
        raise invalid(f"{path}: it says nothing about {field!r}: {', '.join(COMPARISONS)} are possible")
    if len(present) > 1 and ("equals" in present or "in" in present):
        raise invalid(f'{path}: {" and ".join(present)} do not go together; put them into an "all"')
    if "equals" in value:
        return pb.Filter(equals=pb.FieldEquals(field=field, value=scalar_message(value["equals"], f"{path}.equals")))
    if "in" in value:
        if not isinstance(value["in"], Sequence) or isinstance(value["in"], str):
            raise invalid(f"{path}.in: a list of texts or numbers is right, not {value['in']!r}")
        values = [scalar_message(each, f"{path}.in[{place}]") for place, each in enumerate(value["in"])]
        return pb.Filter(is_one_of=pb.FieldIsOneOf(field=field, values=values))
    lower = bound_message(value, "at_least", "above", path)
    upper = bound_message(value, "at_most", "below", path)
    return pb.Filter(range=pb.FieldRange(field=field, lower=lower, upper=upper))


def bound_message(value: Filter, inclusive: str, exclusive: str, path: str) -> Any:
    if inclusive in value and exclusive in value:
        raise invalid(f"{path}: {inclusive} and {exclusive} do not go together; one bound is right")
    name = inclusive if inclusive in value else exclusive
    if name not in value:
        return None
    number = checked_number(value[name], f"{path}.{name}")
    bound = pb.FilterBound(inclusive=name == inclusive)
    set_number(bound, "value", number, f"{path}.{name}")
    bound.value = float(number)
    return bound


def scalar_message(value: Any, path: str) -> Any:
    scalar = pb.FilterScalar()
    if isinstance(value, str):
        scalar.text = value
    else:
        set_number(scalar, "number", checked_number(value, path), path)
    return scalar


def checked_number(value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(f"{path}: a text or a number is right, not {value!r}")
    return value
