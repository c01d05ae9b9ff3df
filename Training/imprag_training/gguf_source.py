"""A model in a GGUF file, as a Hugging Face directory would have it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Failure
from .gguf_file import TYPES, GGUFFile
from .gguf_tokenizer import texts, tokenizer_json

_WHOLE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight", "output.weight": "lm_head.weight"}
_OF_LAYER = {
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_ARCHITECTURES = ("llama", "qwen2", "qwen3")
_ROPE_FACTORS = "rope_freqs.weight"
# What Llama 3.1 and its successors stretch slow frequencies with; a GGUF file holds only the factors that come of it.
_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


class GGUFSource:
    """`config`: the contents of `config.json`; `shapes`: the tensors by their names in a Hugging Face directory."""

    def __init__(self, path: Path, bos: int | None) -> None:
        self.file = GGUFFile(path)
        self.architecture = self.file.fields.get("general.architecture")
        if self.architecture not in _ARCHITECTURES:
            raise Failure(f"{path}: general.architecture is {self.architecture!r}; supported are {', '.join(_ARCHITECTURES)}")
        self._names = {self._name(name): name for name in self.file.tensors if name != _ROPE_FACTORS}
        self.shapes = {name: self.file.tensors[stored].shape for name, stored in self._names.items()}
        self.config = self._config(bos)
        self.generation = {"bos_token_id": self.config["bos_token_id"], "eos_token_id": self._ends()}
        tokenizer = tokenizer_json(self.file, self.config["bos_token_id"])
        self.tokenizer = (json.dumps(tokenizer, ensure_ascii=False, indent=1) + "\n").encode()
        self.notices: list[Path] = []

    def pieces(self, name: str) -> Iterator[np.ndarray]:
        """The rows of the tensor `name` as float32, in the order of a Hugging Face directory."""
        order = self._order(name)
        if order is None or len(self.shapes[name]) > 1:
            yield from self.file.pieces(self._names[name], order)
        else:
            for row in self.file.pieces(self._names[name]):
                yield row[:, order]

    def raw(self, name: str) -> Iterator[np.ndarray]:
        """The same rows as they are stored, `[some rows, bytes of a row]`."""
        return self.file.raw(self._names[name], self._order(name))

    def type(self, name: str) -> str:
        """How the tensor's numbers are stored, as in `Q4_K`."""
        return TYPES[self.file.tensors[self._names[name]].type][0]

    def _order(self, name: str) -> np.ndarray | None:
        """Of the numbers of query and key heads, which llama.cpp keeps in an order of its own for Llama alone."""
        heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
        for part, key in heads.items():
            if f".self_attn.{part}." in name and self.architecture == "llama":
                return _rotary_order(self.shapes[name][0], self.config[key])
        return None

    def _name(self, name: str) -> str:
        if name in _WHOLE:
            return _WHOLE[name]
        match = re.fullmatch(r"blk\.(\d{1,4})\.(\w+)\.(weight|bias)", name)
        if match is None or match[2] not in _OF_LAYER:
            raise Failure(f"{self.file.path}: the tensor {name} is none of the layers that are supported; experts and adapters are not")
        return f"model.layers.{int(match[1])}.{_OF_LAYER[match[2]]}.{match[3]}"

    def _number(self, key: str, kind: type, absent: Any = None) -> Any:
        value = self.file.fields.get(key, absent)
        if type(value) is not kind:
            wanted = "a whole number" if kind is int else "a number"
            raise Failure(f"{self.file.path}: {key} is {'missing' if value is None else repr(value)}; {wanted} is expected")
        # A float32 as a person would write it: 1e-05 instead of 9.999999747378752e-06.
        return value if kind is int else float(str(np.float32(value)))

    def _config(self, bos: int | None) -> dict[str, Any]:
        path = self.file.path

        def number(key: str, kind: type, absent: Any = None) -> Any:
            return self._number(key if key.startswith("tokenizer.") else f"{self.architecture}.{key}", kind, absent)

        def field(key: str, absent: Any) -> Any:
            return self.file.fields.get(f"{self.architecture}.{key}", absent)

        heads, hidden = number("attention.head_count", int), number("embedding_length", int)
        if heads < 1 or "model.embed_tokens.weight" not in self.shapes:
            raise Failure(f"{path}: {self.architecture}.attention.head_count is {heads}" if heads < 1 else f"{path}: the tensor token_embd.weight is missing")
        size = number("attention.key_length", int, hidden // heads)
        for key in ("rope.dimension_count", "attention.value_length"):
            if number(key, int, size) != size:
                raise Failure(f"{path}: {self.architecture}.{key} is {field(key, None)}; heads of {size} must rotate, and be stored, as a whole")
        if field("expert_count", 0) != 0:
            raise Failure(f"{path}: the model is a mixture of {field('expert_count', 0)} experts; only dense ones are supported")
        if field("rope.scaling.type", "none") != "none":
            raise Failure(f"{path}: {self.architecture}.rope.scaling.type is {field('rope.scaling.type', None)!r}; only Llama 3's is supported")
        if bos is None:
            if "tokenizer.ggml.bos_token_id" not in self.file.fields:
                raise Failure(f"{path}: tokenizer.ggml.bos_token_id is missing; say with --bos which token begins a text")
            bos = number("tokenizer.ggml.bos_token_id", int)
        theta = number("rope.freq_base", float, 10000.0)
        return {
            "model_type": self.architecture,
            # Where a Llama has them, each layer does.
            "attention_bias": self.architecture != "qwen2" and "model.layers.0.self_attn.o_proj.bias" in self.shapes,
            "mlp_bias": "model.layers.0.mlp.down_proj.bias" in self.shapes,
            "vocab_size": self.shapes["model.embed_tokens.weight"][0],
            "hidden_size": hidden,
            "intermediate_size": number("feed_forward_length", int),
            "num_hidden_layers": number("block_count", int),
            "num_attention_heads": heads,
            "num_key_value_heads": number("attention.head_count_kv", int, heads),
            "head_dim": size,
            "max_position_embeddings": number("context_length", int),
            "rms_norm_eps": number("attention.layer_norm_rms_epsilon", float),
            "rope_theta": theta,
            "rope_scaling": self._rope_scaling(theta, size),
            "tie_word_embeddings": "lm_head.weight" not in self.shapes,
            "bos_token_id": bos,
            "eos_token_id": self._ends()[0],
        }

    def _rope_scaling(self, theta: float, size: int) -> dict[str, Any] | None:
        """Llama 3's settings behind the factors of `rope_freqs.weight`."""
        tensor = self.file.tensors.get(_ROPE_FACTORS)
        if tensor is None:
            return None
        factors = np.concatenate(list(self.file.pieces(_ROPE_FACTORS))).ravel()
        scaling = {"rope_type": "llama3", "factor": float(factors.max()), **_LLAMA3}
        turns = _LLAMA3["original_max_position_embeddings"] * theta ** (-np.arange(0, size, 2) / size) / (2 * math.pi)
        low, high = _LLAMA3["low_freq_factor"], _LLAMA3["high_freq_factor"]
        smooth = np.clip((turns - low) / (high - low), 0, 1)
        expected = 1 / ((1 - smooth) / scaling["factor"] + smooth)
        if factors.shape != expected.shape or not np.allclose(factors, expected, rtol=1e-3):
            raise Failure(f"{self.file.path}: {_ROPE_FACTORS} is not Llama 3's scaling of {_LLAMA3}; no other is supported")
        return scaling

    def _ends(self) -> list[int]:
        """The tokens that end an answer: the end of a text first, then that of a turn."""
        ends = [self._number("tokenizer.ggml.eos_token_id", int)]
        for key in ("tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"):
            if key in self.file.fields and self._number(key, int) not in ends:
                ends.append(self._number(key, int))
        count = len(texts(self.file, "tokenizer.ggml.tokens"))
        if not all(0 <= end < count for end in ends):
            raise Failure(f"{self.file.path}: the end tokens {ends} are not all among the {count} tokens")
        return ends


def _rotary_order(rows: int, heads: int) -> np.ndarray:
    """Which row of a GGUF file's q or k matrix is row i of Hugging Face's.

    llama.cpp rotates neighbours (2j, 2j + 1), Hugging Face halves (j, j + d/2): its converter interleaves each head's halves.
    """
    if heads < 1 or rows % (2 * heads):
        raise Failure(f"{rows} rows of a query or key matrix cannot be {heads} heads of an even size")
    return np.arange(rows).reshape(heads, rows // heads // 2, 2).swapaxes(1, 2).ravel()
