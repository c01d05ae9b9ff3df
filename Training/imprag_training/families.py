"""What the families that the runtime knows have beyond plain Llama layers: fields of `config.json`, biases and norms.

The rules are the runtime's (`Sources/Engine/Model/Architecture`), which are those of `transformers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# `max_position_embeddings` where it is missing.
_POSITIONS = {"llama": 2048, "mistral": 131072, "qwen2": 32768, "qwen3": 32768}
_CLASSES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}
_WINDOWS = ("use_sliding_window", "sliding_window", "max_window_layers", "layer_types")
_ATTENTION, _FEED_FORWARD = ("q_proj", "k_proj", "v_proj", "o_proj"), ("gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Family:
    """`name` is what `model_type` says; `fields` are those of `config.json` that plain Llama layers do not need."""

    name: str = "llama"
    fields: dict[str, Any] = field(default_factory=dict)
    biases: tuple[str, ...] = ()
    normalizes_heads: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the trainers and the check compute it."""
        return self == Family()

    def settings(self, plain: dict[str, Any]) -> dict[str, Any]:
        """`plain`, the contents of `config.json` for a Llama of these sizes, for this family."""
        if self.is_plain:
            return plain
        kept = {key: value for key, value in plain.items() if self.name == "llama" or key not in ("attention_bias", "mlp_bias")}
        return kept | {"architectures": [_CLASSES[self.name]], "model_type": self.name} | self.fields


def as_plain(data: dict[str, Any]) -> dict[str, Any]:
    """`data`, a `config.json`, without what sets its family apart, and with the sizes that its family takes for missing."""
    missing = {"max_position_embeddings": _POSITIONS.get(data.get("model_type", ""), 2048), "rms_norm_eps": 1e-6}
    own = {"model_type", "attention_bias", "mlp_bias", "layer_types", *_WINDOWS}
    return missing | {key: value for key, value in data.items() if key not in own and not (key in missing and value is None)} | {"model_type": "llama"}


def family_of(data: dict[str, Any]) -> tuple[Family, list[str]]:
    """Of the model that `data`, the contents of `config.json`, describes, and what the runtime would not compute of it."""
    name = data.get("model_type")
    if name not in _CLASSES:
        return Family(), [f"model_type is {name!r}; supported are {', '.join(_CLASSES)}"]
    problems = []
    required = {"llama": (), "qwen3": ("num_key_value_heads", "head_dim")}.get(name, ("num_key_value_heads",))
    problems += [f"{key} is missing, which a model of type {name} must have" for key in required if data.get(key) is None]
    attention, feed_forward = bool(data.get("attention_bias")), bool(data.get("mlp_bias"))
    if attention and name in ("mistral", "qwen2"):
        problems.append(f"attention_bias is set, which means nothing in a model of type {name}")
    if feed_forward and name != "llama":
        problems.append(f"mlp_bias is set, which means nothing in a model of type {name}")
    if data.get("sliding_window") is not None and name == "llama":
        problems.append("sliding_window is set, which means nothing in a model of type llama")
    biases = _ATTENTION[:3] if name == "qwen2" else (_ATTENTION if attention else ()) + (_FEED_FORWARD if feed_forward else ())
    fields = {key: True for key, isset in (("attention_bias", attention), ("mlp_bias", feed_forward)) if isset}
    window = _window(name, data)
    for key, least in (("sliding_window", 1), ("max_window_layers", 0)):
        if key in window and (type(window[key]) is not int or window[key] < least):
            problems.append(f"{key} is {window[key]!r}; a whole number from {least} is expected")
    if name == "mistral" and not window:
        name = "llama"
    return Family(name, fields | window, biases, name == "qwen3"), problems


def _window(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The fields that limit attention to a window; none where all layers see everything."""
    if name == "mistral":
        # Missing is not null: Mistral's first models had a window.
        window = data.get("sliding_window", 4096)
        return {} if window is None else {"sliding_window": window}
    if name in ("qwen2", "qwen3") and data.get("use_sliding_window") is True:
        return {key: data[key] for key in _WINDOWS if data.get(key) is not None}
    return {}
