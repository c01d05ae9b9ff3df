"""A GGUF file's own numbers as the runtime's quantized matrices, without a detour through floats.

    X.weight           U8 [rows, groups × 16]: 4-bit numbers, the low half of a byte first; or I8 [rows, columns]
    X.weight_groups    U8 [rows, groups, 2]: multiplier and offset of each group of 32 columns (4 bits)
    X.weight_scale     F32 [rows, scales]: for each group, or for 8 groups (Q4_K), or [rows] (int8)
    X.weight_minimum   F32 [rows, scales] (4 bits)

A weight is scale · multiplier · number − minimum · offset, or scale · number. Q4_0, Q4_1, Q4_K and Q8_0 fit exactly. Other types become
int8 with one scale for each row, from float32, as `imprag quantize` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import Failure
from .gguf_source import GGUFSource
from .tensors import Written, stored

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"


def packed_tensors(model: GGUFSource, shapes: dict[str, tuple[int, ...]]) -> tuple[list[Written], int]:
    """What is written for tensors of these names and shapes, and the bits of its smallest matrices."""
    written: list[Written] = []
    bits = 8
    for name, shape in shapes.items():
        if len(shape) == 1 or name == EMBEDDING:
            # Norms are few, and rows of embeddings are rounded to bf16 when they are looked up.
            dtype = "F32" if len(shape) == 1 else "BF16"
            written.append(Written(name, dtype, shape, _plain(model, name, dtype)))
        else:
            kind = model.type(_stored_name(model, name))
            bits = 4 if kind in _FOUR else bits
            written += _matrix(model, name, kind, shape)
    return written, bits


def _stored_name(model: GGUFSource, name: str) -> str:
    """Tied models have no output layer of their own."""
    return name if name in model.shapes else EMBEDDING


def _finite(name: str, numbers: np.ndarray) -> np.ndarray:
    if not np.isfinite(numbers).all():
        raise Failure(f"the tensor {name} holds numbers that are not finite")
    return numbers


def _plain(model: GGUFSource, name: str, dtype: str) -> Iterator[np.ndarray]:
    for piece in model.pieces(name):
        yield stored(_finite(name, piece), dtype)


def _matrix(model: GGUFSource, name: str, kind: str, shape: tuple[int, ...]) -> list[Written]:
    rows, columns = shape
    groups = columns // 32
    source = _stored_name(model, name)
    if kind in _FOUR:
        scales = columns // 256 if kind == "Q4_K" else groups
        parts = [("", "U8", (rows, groups * 16)), ("_groups", "U8", (rows, groups, 2)), ("_scale", "F32", (rows, scales)), ("_minimum", "F32", (rows, scales))]
    else:
        parts = [("", "I8", shape), ("_scale", "F32", (rows, groups) if kind == "Q8_0" else (rows,))]
    unpack = _FOUR.get(kind) or (_q8_0 if kind == "Q8_0" else None)

    def pieces(index: int) -> Iterator[np.ndarray]:
        if unpack is None:
            yield from (_rows(_finite(name, piece))[index] for piece in model.pieces(source))
        else:
            yield from (_finite(name, unpack(raw)[index]) for raw in model.raw(source))

    return [Written(name + end, dtype, size, pieces(index)) for index, (end, dtype, size) in enumerate(parts)]


def _halves(numbers: np.ndarray) -> np.ndarray:
    """Numbers below 16, two a byte."""
    return numbers[:, 0::2] | numbers[:, 1::2] << 4


def _floats(raw: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(raw).view("<f2")[..., 0].astype("<f4")


def _blocks(raw: np.ndarray, size: int) -> np.ndarray:
    return raw.reshape(raw.shape[0], -1, size)


def _of_bytes(packed: np.ndarray) -> np.ndarray:
    """`[rows, blocks, 16]` bytes of Q4_0 and Q4_1: low halves are a group's first 16 numbers."""
    numbers = np.concatenate([packed & 15, packed >> 4], axis=2)
    return numbers.reshape(packed.shape[0], -1)


def _constant(scales: np.ndarray, multiplier: int, offset: int) -> np.ndarray:
    return np.broadcast_to(np.array([multiplier, offset], np.uint8), (*scales.shape, 2))


def _q4_0(raw: np.ndarray) -> tuple[np.ndarray, ...]:
    """d · (number − 8)."""
    blocks = _blocks(raw, 18)
    scales = _floats(blocks[..., :2])
    return _halves(_of_bytes(blocks[..., 2:])), _constant(scales, 1, 8), scales, scales


def _q4_1(raw: np.ndarray) -> tuple[np.ndarray, ...]:
    """d · number + m."""
    blocks = _blocks(raw, 20)
    scales = _floats(blocks[..., :2])
    return _halves(_of_bytes(blocks[..., 4:])), _constant(scales, 1, 1), scales, -_floats(blocks[..., 2:4])


def _q4_k(raw: np.ndarray) -> tuple[np.ndarray, ...]:
    """d · scale · number − dmin · minimum; 6 bits of a scale and of a minimum for each group (ggml-quants.c, `get_scale_min_k4`)."""
    blocks = _blocks(raw, 144)
    both = blocks[..., 4:16]
    first, middle, last = both[..., :4], both[..., 4:8], both[..., 8:]
    multipliers = np.concatenate([first & 63, last & 15 | first >> 6 << 4], axis=2)
    offsets = np.concatenate([middle & 63, last >> 4 | middle >> 6 << 4], axis=2)
    packed = blocks[..., 16:].reshape(*blocks.shape[:2], 4, 32)
    numbers = np.stack([packed & 15, packed >> 4], axis=3).reshape(raw.shape[0], -1)
    groups = np.stack([multipliers, offsets], axis=3).reshape(raw.shape[0], -1, 2)
    return _halves(numbers), groups, _floats(blocks[..., :2]), _floats(blocks[..., 2:4])


def _q8_0(raw: np.ndarray) -> tuple[np.ndarray, ...]:
    """d · number."""
    blocks = _blocks(raw, 34)
    return blocks[..., 2:].reshape(raw.shape[0], -1), _floats(blocks[..., :2])


def _rows(numbers: np.ndarray) -> tuple[np.ndarray, ...]:
    """Whole numbers from −127 to 127, and each row's largest magnitude over 127."""
    scales = np.abs(numbers).max(axis=1) / np.float32(127)
    scales = np.where(scales >= np.finfo(np.float32).tiny, scales, np.float32(0)).astype("<f4")
    steps = np.where(scales > 0, scales, np.float32(1))
    whole = np.rint(numbers / steps[:, None]) * (scales > 0)[:, None]
    return whole.astype(np.int8), scales


_FOUR: dict[str, Any] = {"Q4_0": _q4_0, "Q4_1": _q4_1, "Q4_K": _q4_k}
