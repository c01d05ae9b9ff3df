"""Small GGUF files for tests, made with the `gguf` package's writer; a llama.cpp converter in a few lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np

from imprag_training.config import ModelConfig
from imprag_training.gguf_source import _OF_LAYER

NAMES = {hf: stored for stored, hf in _OF_LAYER.items()}


def byte_alphabet() -> list[str]:
    """GPT-2's character for each byte, in the order of the characters."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return sorted([chr(byte) for byte in printable] + [chr(256 + n) for n in range(256 - len(printable))])


def vocabulary(count: int) -> tuple[list[str], list[int], list[str]]:
    """Tokens, types and merges: three control tokens, the bytes, some merges, and `[PADn]` up to `count`."""
    tokens = ["<|start|>", "<|end|>", "<|turn|>", *byte_alphabet()]
    merges = ["Ġ t", "h e", "Ġt he", "i n", "Ġ 1", "a n", "an d", "1 2", "' s", "Ġ Ġ"]
    tokens += [merge.replace(" ", "") for merge in merges]
    types = [3, 3, 3] + [1] * (len(tokens) - 3)
    missing = range(len(tokens), count)
    return tokens + [f"[PAD{n}]" for n in missing], types + [5] * len(missing), merges


def interleaved(weights: np.ndarray, heads: int) -> np.ndarray:
    """What llama.cpp's converter does to q and k: `convert_hf_to_gguf.py`, `permute`."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def write_gguf(
    path: Path,
    config: ModelConfig,
    weights: dict[str, np.ndarray],
    types: dict[str, str] | None = None,
    pre: str = "smollm",
    fields: dict[str, Any] | None = None,
    extra: dict[str, np.ndarray] | None = None,
    architecture: str = "llama",
) -> None:
    """`weights` by their Hugging Face names; `types` by a name's end; `fields` replaces keys, None leaves them out."""
    writer = gguf.GGUFWriter(path, architecture)
    values: dict[str, Any] = {
        "llama.block_count": config.layer_count, "llama.context_length": config.max_positions,
        "llama.embedding_length": config.hidden, "llama.feed_forward_length": config.intermediate,
        "llama.attention.head_count": config.heads, "llama.attention.head_count_kv": config.kv_heads,
        "llama.rope.freq_base": config.rope_theta, "llama.attention.layer_norm_rms_epsilon": config.rms_norm_eps,
        "llama.attention.key_length": config.head_size, "llama.attention.value_length": config.head_size,
        "llama.rope.dimension_count": config.head_size, "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 1, "tokenizer.ggml.eot_token_id": 2,
    }
    tokens, kinds, merges = vocabulary(config.vocabulary)
    values |= {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": kinds, "tokenizer.ggml.merges": merges}
    values = {key.replace("llama.", f"{architecture}.") if key.startswith("llama.") else key: value for key, value in values.items()}
    values |= fields or {}
    for key, value in values.items():
        if value is None:
            continue
        add = {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string, bool: writer.add_bool, list: writer.add_array}
        add[type(value)](key, value)
    for name, tensor in weights.items():
        if ".q_proj." in name and architecture == "llama":
            tensor = interleaved(tensor, config.heads)
        if ".k_proj." in name and architecture == "llama":
            tensor = interleaved(tensor, config.kv_heads)
        kind = next((kind for end, kind in (types or {}).items() if name.endswith(end)), "F32")
        add_tensor(writer, gguf_name(name), tensor, kind)
    for name, tensor in (extra or {}).items():
        add_tensor(writer, name, tensor, "F32")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tensor(writer: gguf.GGUFWriter, name: str, tensor: np.ndarray, kind: str) -> None:
    """As type `kind`; of Q4_K, which `gguf` only reads, random blocks instead of the tensor."""
    type_ = gguf.GGMLQuantizationType[kind]
    if kind == "Q4_K":
        writer.add_tensor(name, random_blocks(tensor.shape), raw_dtype=type_)
        return
    writer.add_tensor(name, np.ascontiguousarray(gguf.quantize(tensor, type_)), raw_dtype=type_)


def random_blocks(shape: tuple[int, ...]) -> np.ndarray:
    """Rows of Q4_K: any bits, but scales of a usual size."""
    random = np.random.default_rng(shape[0])
    blocks = random.integers(0, 256, (shape[0], shape[1] // 256, 144), dtype=np.uint8)
    blocks[..., :4] = (random.uniform(1e-4, 2e-4, (*blocks.shape[:2], 2)).astype("<f2")).view(np.uint8)
    return blocks.reshape(shape[0], -1)


def gguf_name(name: str) -> str:
    """A tensor's name in a GGUF file."""
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
    if name in whole:
        return whole[name]
    layer, _, part = name.removeprefix("model.layers.").partition(".")
    part, _, kind = part.rpartition(".")
    return f"blk.{layer}.{NAMES[part]}.{kind}"
