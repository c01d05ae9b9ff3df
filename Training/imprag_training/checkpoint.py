"""Hugging Face directories: `config.json`, `model.safetensors` (one file or many with an index), `tokenizer.json`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from .config import ModelConfig
from .model import ImpRAG


def load_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Every tensor in the directory, by its name on disk."""
    index = folder / "model.safetensors.index.json"
    if index.exists():
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    else:
        names = ["model.safetensors"]
    weights: dict[str, torch.Tensor] = {}
    for name in names:
        weights |= load_file(folder / name)
    return weights


def load_model(folder: Path, imprag: dict[str, Any] | None = None, dtype: torch.dtype = torch.float32) -> ImpRAG:
    """A model from any Llama-family directory; `imprag` serves where its `config.json` has no such object."""
    model = ImpRAG(ModelConfig.load(folder, imprag)).to(dtype)
    weights = {name.removeprefix("model."): w.to(dtype) for name, w in load_weights(folder).items()}
    if model.config.tied:
        weights.pop("lm_head.weight", None)
    model.load_state_dict({n: w for n, w in weights.items() if not n.endswith("rotary_emb.inv_freq")})
    return model


def save_model(model: ImpRAG, tokenizer: Tokenizer, folder: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Writes the directory that the runtime loads."""
    save_weights(model.state_dict(), model.config, tokenizer, folder, dtype)


def save_weights(
    state: dict[str, torch.Tensor], config: ModelConfig, tokenizer: Tokenizer, folder: Path, dtype: torch.dtype = torch.bfloat16
) -> None:
    """Writes the directory that the runtime loads, from a model's state; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        (name if name.startswith("lm_head") else f"model.{name}"): tensor.to(dtype).contiguous() for name, tensor in state.items()
    }
    save_file(weights, folder / "model.safetensors.new", metadata={"format": "pt"})
    (folder / "model.safetensors.new").chmod(0o644)
    os.replace(folder / "model.safetensors.new", folder / "model.safetensors")
    name = str(dtype).removeprefix("torch.")
    (folder / "config.json").write_text(json.dumps(config.to_json(name), indent=2) + "\n", encoding="utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))
