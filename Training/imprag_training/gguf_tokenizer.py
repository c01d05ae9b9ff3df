"""`tokenizer.json` from what a GGUF file says of its tokenizer, as the runtime reads it: BPE over bytes, or SentencePiece's over characters.

GGUF names the pre-tokenizer of byte-level BPE instead of describing it; what each name stands for is in llama.cpp's `llama-vocab.cpp`, and in the
`tokenizer.json` of the models that it was made for. Tokens and merges are taken over as they are. Of SentencePiece's BPE it has scores instead of merges:
the pair whose product has the highest score is merged first.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import Failure
from .gguf_file import GGUFFile

_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED = 1, 2, 3, 4, 5
# What stands for a space.
_MARK = "\u2581"
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2 = _LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def _byte_level(use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def _split(pattern: str) -> dict[str, Any]:
    parts = [{"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}, _byte_level(False)]
    return {"type": "Sequence", "pretokenizers": parts}


_DIGITS = {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, _byte_level(True)]}
# GGUF has no normalizer; llama.cpp does without Qwen's.
_NORMALIZERS = {"qwen2": {"type": "NFC"}}
# Name: the pre-tokenizer, whether a word that is a token needs no merges, whether a text begins with BOS unless the file says otherwise.
PRE_TOKENIZERS: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "gpt-2": (_byte_level(True), False, False),
    "smollm": (_DIGITS, False, False),
    "llama-bpe": (_split(_LLAMA3), True, True),
    "llama3": (_split(_LLAMA3), True, True),
    "llama-v3": (_split(_LLAMA3), True, True),
    "qwen2": (_split(_QWEN2), False, False),
}


def tokenizer_json(file: GGUFFile, bos: int) -> dict[str, Any]:
    """The contents of `tokenizer.json`.

    Control tokens are special; tokens that fill the embedding table up (`[PAD7]`) are left out.
    """
    kind = file.fields.get("tokenizer.ggml.model")
    if kind not in ("gpt2", "llama"):
        raise Failure(f"{file.path}: tokenizer.ggml.model is {kind!r}; supported are byte-level BPE ('gpt2') and SentencePiece's BPE ('llama')")
    tokens, types = texts(file, "tokenizer.ggml.tokens"), file.fields.get("tokenizer.ggml.token_type")
    if not isinstance(types, list) or len(types) != len(tokens):
        raise Failure(f"{file.path}: tokenizer.ggml.token_type must give each of the {len(tokens)} tokens its type")

    vocabulary: dict[str, int] = {}
    added = []
    for number, (token, type_) in enumerate(zip(tokens, types)):
        if type_ == _UNUSED and re.fullmatch(r"\[PAD\d+\]", token):
            continue
        if not token or token in vocabulary:
            raise Failure(f"{file.path}: token {number} of tokenizer.ggml.tokens, {token!r}, is empty or stands twice")
        vocabulary[token] = number
        if type_ in (_CONTROL, _USER_DEFINED) or type_ == _UNKNOWN and kind == "llama":
            flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            added.append({"id": number, "content": token, **flags, "special": type_ != _USER_DEFINED})
    if not 0 <= bos < len(tokens) or tokens[bos] not in vocabulary:
        raise Failure(f"{file.path}: the BOS token {bos} is none of the {len(tokens)} tokens")

    parts, begins = _byte_level_parts(file, vocabulary) if kind == "gpt2" else (_sentencepiece_parts(file, vocabulary, types), True)
    template = None
    if file.fields.get("tokenizer.ggml.add_bos_token", begins):
        template = _template(tokens[bos], bos)
    model = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocabulary,
    }
    head = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added}
    return head | {
        "normalizer": parts["normalizer"], "pre_tokenizer": parts["pre_tokenizer"], "post_processor": template, "decoder": parts["decoder"],
        "model": model | parts["model"],
    }


def _byte_level_parts(file: GGUFFile, vocabulary: dict[str, int]) -> tuple[dict[str, Any], bool]:
    """What is particular to byte-level BPE, and whether a text begins with BOS unless the file says otherwise."""
    name = file.fields.get("tokenizer.ggml.pre")
    if name not in PRE_TOKENIZERS:
        raise Failure(f"{file.path}: tokenizer.ggml.pre is {name!r}; supported are {', '.join(PRE_TOKENIZERS)}")
    pre_tokenizer, ignore_merges, begins = PRE_TOKENIZERS[name]
    merges = []
    for merge in texts(file, "tokenizer.ggml.merges"):
        pair = merge.split(" ")
        if len(pair) != 2 or not all(part in vocabulary for part in (*pair, "".join(pair))):
            raise Failure(f"{file.path}: tokenizer.ggml.merges has {merge!r}; two tokens that give a third are expected")
        merges.append(pair)
    parts = {
        "normalizer": _NORMALIZERS.get(name),
        "pre_tokenizer": pre_tokenizer,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"ignore_merges": ignore_merges, "merges": merges},
    }
    return parts, begins


def _sentencepiece_parts(file: GGUFFile, vocabulary: dict[str, int], types: list[int]) -> dict[str, Any]:
    """What is particular to SentencePiece's BPE, as `transformers` writes it for Llama 2."""
    scores = file.fields.get("tokenizer.ggml.scores")
    if not isinstance(scores, list) or len(scores) != len(types) or not all(type(score) is float and score == score for score in scores):
        raise Failure(f"{file.path}: tokenizer.ggml.scores must give each of the {len(types)} tokens its score")
    pairs = [
        (scores[number], place, [token[:place], token[place:]])
        for token, number in vocabulary.items() if types[number] == _NORMAL
        for place in range(1, len(token)) if token[:place] in vocabulary and token[place:] in vocabulary
    ]
    # Of equal scores the longer beginning comes first, as `transformers` has it.
    pairs.sort(key=lambda pair: (-pair[0], -pair[1]))
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": _MARK}
    back: list[dict[str, Any]] = [{"type": "Replace", "pattern": {"String": _MARK}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]
    before: list[dict[str, Any]] = []
    if file.fields.get("tokenizer.ggml.add_space_prefix", True):
        before = [{"type": "Prepend", "prepend": _MARK}]
        back.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    unknown = next((token for token, number in vocabulary.items() if types[number] == _UNKNOWN), None)
    return {
        "normalizer": {"type": "Sequence", "normalizers": [*before, replace]},
        "pre_tokenizer": None,
        "decoder": {"type": "Sequence", "decoders": back},
        "model": {"unk_token": unknown, "fuse_unk": True, "byte_fallback": True, "merges": [pair for _, _, pair in pairs]},
    }


def texts(file: GGUFFile, key: str) -> list[str]:
    """The list of texts at `key`."""
    value = file.fields.get(key)
    if not isinstance(value, list) or not value or not isinstance(value[0], str):
        raise Failure(f"{file.path}: {key} is missing; a list of texts is expected")
    return value


def _template(token: str, number: int) -> dict[str, Any]:
    """BOS, then the text."""

    def special(type_: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": type_}}

    def text(name: str, type_: int) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": type_}}

    return {
        "type": "TemplateProcessing",
        "single": [special(0), text("A", 0)],
        "pair": [special(0), text("A", 0), special(1), text("B", 1)],
        "special_tokens": {token: {"id": token, "ids": [number], "tokens": [token]}},
    }
