"""A model's chat template, in the files that the runtime reads it from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import Failure
from .gguf_file import GGUFFile
from .gguf_tokenizer import texts
from .hf_source import read_json

TEMPLATE, SETTINGS = "chat_template.jinja", "tokenizer_config.json"
# What a template may write by these names.
_TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token")
_OF_GGUF = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "pad_token": "padding"}


def files_of_directory(folder: Path) -> dict[str, bytes]:
    """Of a Hugging Face directory: the template, wherever it stands, and the special tokens; nothing without one."""
    settings = read_json(folder / SETTINGS) if (folder / SETTINGS).is_file() else {}
    kept = {name: settings[name] for name in (*_TOKENS, "chat_template") if settings.get(name) is not None}
    files: dict[str, bytes] = {}
    if (folder / TEMPLATE).is_file():
        files[TEMPLATE] = (folder / TEMPLATE).read_bytes()
        kept.pop("chat_template", None)
    elif "chat_template" not in kept:
        return {}
    return files | _settings(kept)


def files_of_gguf(file: GGUFFile) -> dict[str, bytes]:
    """The same of a GGUF file."""
    template = file.fields.get("tokenizer.chat_template")
    if template is None:
        return {}
    if not isinstance(template, str):
        raise Failure(f"{file.path}: tokenizer.chat_template is {type(template).__name__}; a text is expected")
    tokens = texts(file, "tokenizer.ggml.tokens")
    kept = {}
    for name, stored in _OF_GGUF.items():
        place = file.fields.get(f"tokenizer.ggml.{stored}_token_id")
        if type(place) is int and 0 <= place < len(tokens):
            kept[name] = tokens[place]
    return {TEMPLATE: template.encode()} | _settings(kept)


def _settings(kept: dict[str, Any]) -> dict[str, bytes]:
    return {SETTINGS: (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode()} if kept else {}
