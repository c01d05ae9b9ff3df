"""The model's configuration: Hugging Face's `config.json` for Llama, with the object `imprag`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENCODINGS = ("concatenated", "segmented", "independent")


@dataclass(frozen=True)
class RopeScaling:
    """Llama 3's frequency scaling."""

    factor: float
    low: float
    high: float
    original_positions: int


def _refuse_other_families(data: dict[str, Any]) -> None:
    """This package computes plain Llama layers; the runtime knows more (docs/models.md)."""
    kind = data.get("model_type", "llama")
    if kind not in ("llama", "mistral"):
        raise ValueError(f"model_type is {kind!r}; this package trains and imports 'llama' alone (and 'mistral' without a window)")
    if kind == "mistral" and data.get("sliding_window") is not None:
        raise ValueError(f"sliding_window is {data['sliding_window']}; this package trains and imports models without a window alone")
    for name in ("attention_bias", "mlp_bias"):
        if data.get(name):
            raise ValueError(f"{name} is set; this package trains and imports layers without biases alone")


@dataclass(frozen=True)
class ModelConfig:
    """Sizes, boundaries and ids of a model. `bottom` and `top` are the boundaries b and t of the design."""

    vocabulary: int
    hidden: int
    intermediate: int
    layer_count: int
    heads: int
    kv_heads: int
    head_size: int
    rms_norm_eps: float
    rope_theta: float
    rope_scaling: RopeScaling | None
    tied: bool
    bos: int
    eos: tuple[int, ...]
    max_positions: int
    bottom: int
    top: int
    top_k: int
    max_passage_tokens: int
    passage_encoding: str

    def __post_init__(self) -> None:
        problems = []
        if not 0 <= self.bottom <= self.top < self.layer_count:
            problems.append(f"boundaries must satisfy 0 <= b <= t < {self.layer_count}, not b={self.bottom}, t={self.top}")
        if self.heads % self.kv_heads:
            problems.append(f"{self.heads} query heads cannot share {self.kv_heads} key heads evenly")
        if self.passage_encoding not in ENCODINGS:
            problems.append(f"passage_encoding must be one of {', '.join(ENCODINGS)}, not {self.passage_encoding!r}")
        if problems:
            raise ValueError("; ".join(problems))

    @staticmethod
    def from_json(data: dict[str, Any], imprag: dict[str, Any] | None = None) -> ModelConfig:
        """From the contents of `config.json`; `imprag` fills in where that has no such object."""
        rag = data.get("imprag") or imprag
        if rag is None:
            raise ValueError("config.json has no object 'imprag', and none was given")
        _refuse_other_families(data)
        rope = data.get("rope_parameters") or data.get("rope_scaling") or {}
        scaling = None
        kind = rope.get("rope_type", rope.get("type", "default"))
        if kind == "llama3":
            scaling = RopeScaling(
                rope["factor"], rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]
            )
        elif kind != "default":
            raise ValueError(f"rope type {kind!r} is not supported; it must be 'default' or 'llama3'")
        eos = data["eos_token_id"]
        return ModelConfig(
            vocabulary=data["vocab_size"],
            hidden=data["hidden_size"],
            intermediate=data["intermediate_size"],
            layer_count=data["num_hidden_layers"],
            heads=data["num_attention_heads"],
            kv_heads=data.get("num_key_value_heads") or data["num_attention_heads"],
            head_size=data.get("head_dim") or data["hidden_size"] // data["num_attention_heads"],
            rms_norm_eps=data["rms_norm_eps"],
            rope_theta=rope.get("rope_theta") or data.get("rope_theta") or 10000.0,
            rope_scaling=scaling,
            tied=data.get("tie_word_embeddings", False),
            bos=data["bos_token_id"],
            eos=tuple(eos) if isinstance(eos, list) else (eos,),
            max_positions=data.get("max_position_embeddings", 4096),
            bottom=rag["bottom_boundary"],
            top=rag["top_boundary"],
            top_k=rag["top_k"],
            max_passage_tokens=rag["max_passage_tokens"],
            passage_encoding=rag["passage_encoding"],
        )

    @staticmethod
    def load(folder: Path, imprag: dict[str, Any] | None = None) -> ModelConfig:
        """From `config.json` in a Hugging Face directory."""
        return ModelConfig.from_json(json.loads((folder / "config.json").read_text(encoding="utf-8")), imprag)

    def to_json(self, dtype: str) -> dict[str, Any]:
        """The contents of `config.json`."""
        scaling = None
        if self.rope_scaling is not None:
            scaling = {
                "rope_type": "llama3",
                "factor": self.rope_scaling.factor,
                "low_freq_factor": self.rope_scaling.low,
                "high_freq_factor": self.rope_scaling.high,
                "original_max_position_embeddings": self.rope_scaling.original_positions,
            }
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "attention_bias": False,
            "attention_dropout": 0.0,
            "mlp_bias": False,
            "hidden_act": "silu",
            "vocab_size": self.vocabulary,
            "hidden_size": self.hidden,
            "intermediate_size": self.intermediate,
            "num_hidden_layers": self.layer_count,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_size,
            "max_position_embeddings": self.max_positions,
            "rms_norm_eps": self.rms_norm_eps,
            "rope_theta": self.rope_theta,
            "rope_scaling": scaling,
            "tie_word_embeddings": self.tied,
            "bos_token_id": self.bos,
            "eos_token_id": self.eos[0] if len(self.eos) == 1 else list(self.eos),
            "initializer_range": 0.02,
            "torch_dtype": dtype,
            "use_cache": True,
            "imprag": {
                "bottom_boundary": self.bottom,
                "top_boundary": self.top,
                "top_k": self.top_k,
                "max_passage_tokens": self.max_passage_tokens,
                "passage_encoding": self.passage_encoding,
            },
        }
