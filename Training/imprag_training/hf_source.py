"""A model in a Hugging Face directory, checked as the runtime will check it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Failure
from .tensors import SafeTensors


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Failure(f"{path} is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Failure(f"{path} must hold one JSON object")
    return value


def open_weights(folder: Path) -> dict[str, SafeTensors]:
    """The file of every tensor: `model.safetensors`, or several with an index."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").exists():
        names, expected = ["model.safetensors"], {}
    elif index.exists():
        expected = read_json(index).get("weight_map")
        if not isinstance(expected, dict) or not expected or not all(isinstance(n, str) and Path(n).name == n for n in expected.values()):
            raise Failure(f"{index}: weight_map must give every tensor the name of a file beside it")
        names = sorted(set(expected.values()))
    else:
        raise Failure(f"{folder} holds neither model.safetensors nor {index.name}; other formats must be saved as safetensors first")
    files: dict[str, SafeTensors] = {}
    for name in names:
        file = SafeTensors(folder / name)
        for tensor in file.entries:
            if tensor in files:
                raise Failure(f"the tensor {tensor} stands in {files[tensor].path} and in {file.path}")
            files[tensor] = file
    for tensor, name in expected.items():
        if tensor not in files or files[tensor].path.name != name:
            raise Failure(f"{index} expects the tensor {tensor} in {name}, which does not hold it")
    return files


class HuggingFaceSource:
    """`config`: the contents of `config.json`; `shapes`: the tensors by name."""

    def __init__(self, folder: Path, bos: int | None) -> None:
        self.config = read_json(folder / "config.json")
        _check_config(self.config, folder / "config.json")
        generation = folder / "generation_config.json"
        self.generation = read_json(generation) if generation.exists() else {}
        if bos is not None:
            self.config["bos_token_id"] = bos
        for name in ("bos_token_id", "eos_token_id"):
            if self.config.get(name) is None and self.generation.get(name) is not None:
                self.config[name] = self.generation[name]
        if self.config.get("bos_token_id") is None:
            raise Failure(f"{folder / 'config.json'}: bos_token_id is missing; say with --bos which token begins a text")
        self.generation = {name: self.generation.get(name) or self.config.get(name) for name in ("bos_token_id", "eos_token_id")}
        self.tokenizer = _checked_tokenizer(folder / "tokenizer.json")
        self._files = {name: file for name, file in open_weights(folder).items() if not name.endswith("rotary_emb.inv_freq")}
        if self.config.get("tie_word_embeddings"):
            self._files.pop("lm_head.weight", None)
        for name, file in self._files.items():
            if file.entries[name].dtype in ("I8", "U8"):
                raise Failure(f"{file.path}: tensor {name} is quantized; import the model that it was made from")
        self.shapes = {name: file.entries[name].shape for name, file in self._files.items()}
        self.notices = notices(folder)

    def pieces(self, name: str) -> Iterator[np.ndarray]:
        """The rows of the tensor `name` as float32."""
        return self._files[name].pieces(name)


def notices(folder: Path) -> list[Path]:
    """Licences and notices, which go where the weights go."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name.upper().startswith(("LICENSE", "NOTICE")))


def _check_config(config: dict[str, Any], path: Path) -> None:
    """Refuses what the runtime would refuse or compute differently."""
    problems = []
    if config.get("hidden_act", "silu") not in ("silu", "swish"):
        problems.append(f"hidden_act is {config['hidden_act']!r}; only 'silu' is supported")
    if config.get("quantization_config") is not None:
        problems.append("quantization_config is set; only F32, F16 and BF16 weights are supported")
    if (config.get("partial_rotary_factor") or 1) != 1:
        problems.append("partial_rotary_factor is not 1; only heads that rotate as a whole are supported")
    if problems:
        raise Failure(f"{path}: {'; '.join(problems)}")


def _checked_tokenizer(path: Path) -> bytes:
    """The file as it is, if the runtime reads it."""
    file = read_json(path)

    def kinds(value: Any, inner: str) -> list[Any]:
        if not isinstance(value, dict):
            return [value]
        if value.get("type") != "Sequence":
            return [value.get("type")]
        parts = value.get(inner)
        return [kind for part in parts for kind in kinds(part, inner)] if isinstance(parts, list) else [f"without {inner}"]

    model = file.get("model")
    if not isinstance(model, dict) or model.get("type", "BPE") != "BPE":
        raise Failure(f"{path}: only BPE is supported, over bytes or with byte_fallback")
    allowed = {
        "normalizer": ("normalizers", {"Prepend", "Replace", "NFC", "NFD", "NFKC", "NFKD", None}),
        "pre_tokenizer": ("pretokenizers", {"Split", "Digits", "ByteLevel", "Metaspace", None}),
        "post_processor": ("processors", {"TemplateProcessing", "ByteLevel", None}),
        "decoder": ("decoders", {"ByteLevel", "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"}),
    }
    for name, (inner, known) in allowed.items():
        found = kinds(file.get(name), inner)
        if not all(kind is None or isinstance(kind, str) for kind in found) or not set(found) <= known:
            raise Failure(f"{path}: {name} is {found}; supported are {', '.join(sorted(kind for kind in known if kind))}")
    return path.read_bytes()
