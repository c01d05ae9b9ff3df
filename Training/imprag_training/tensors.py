"""Safetensors files and bf16 without torch: read by rows, written tensor by tensor.

A file is 8 bytes (the header's length, little-endian), the header (JSON: name to `dtype`, `shape`, `data_offsets`; `__metadata__`: text to
text), then the tensors' bytes. The `safetensors` package hands out whole files and knows no bf16 in numpy; an import holds some rows at a time.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Failure

# Bytes of one number.
SIZES = {"F32": 4, "F16": 2, "BF16": 2, "I8": 1, "U8": 1}
# Numbers handled at a time: what bounds the memory of an import and a merge.
PIECE = 1 << 22
_HEADER_LIMIT = 100 << 20


def widened(bits: np.ndarray) -> np.ndarray:
    """float32 from bf16 as `uint16`; exact."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def rounded(numbers: np.ndarray) -> np.ndarray:
    """bf16 as `uint16` from float32, to nearest, ties to even, in whole numbers, so that every machine does the same."""
    bits = np.ascontiguousarray(numbers, dtype=np.float32).view(np.uint32)
    nearest = ((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)).astype(np.uint16)
    # Rounding could carry the few bits of a NaN into infinity.
    return np.where((bits & np.uint32(0x7FFFFFFF)) > 0x7F800000, np.uint16(0x7FC0), nearest)


def stored(numbers: np.ndarray, dtype: str) -> np.ndarray:
    """float32 numbers as they stand in a file, little-endian."""
    if dtype == "BF16":
        return rounded(numbers).astype("<u2", copy=False)
    return numbers.astype({"F32": "<f4", "F16": "<f2"}[dtype], copy=False)


@dataclass(frozen=True)
class Entry:
    """Where a tensor stands: `start` counts from the beginning of the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int

    @property
    def rows(self) -> int:
        """1 for vectors."""
        return math.prod(self.shape[:-1])

    @property
    def columns(self) -> int:
        """The length of a row."""
        return self.shape[-1] if self.shape else 1


class SafeTensors:
    """An open file, its header checked against its length."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            size = path.stat().st_size
            with open(path, "rb") as file:
                head = file.read(8)
                length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
                if not 2 <= length <= min(size - 8, _HEADER_LIMIT):
                    raise Failure(f"{path} is no safetensors file, or is cut off: its header would have {length} bytes, the file has {size}")
                header = json.loads(file.read(length))
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise Failure(f"{path}: the header is not valid JSON") from error
        if not isinstance(header, dict):
            raise Failure(f"{path}: the header is not a JSON object")
        metadata = header.pop("__metadata__", None) or {}
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            raise Failure(f"{path}: __metadata__ must give texts names")
        self.metadata: dict[str, str] = metadata
        self.entries = {name: self._entry(name, value, 8 + length, size) for name, value in header.items()}

    def _entry(self, name: str, value: Any, start: int, size: int) -> Entry:
        try:
            dtype, shape, (first, end) = value["dtype"], tuple(value["shape"]), value["data_offsets"]
            whole = all(type(number) is int and 0 <= number < 1 << 48 for number in (*shape, first, end))
        except (KeyError, TypeError, ValueError):
            whole = False
        if not whole:
            raise Failure(f"{self.path}: tensor {name} must have dtype, shape and data_offsets")
        if dtype not in SIZES:
            raise Failure(f"{self.path}: tensor {name} has dtype {dtype}; {', '.join(SIZES)} are supported")
        if math.prod(shape) == 0:
            raise Failure(f"{self.path}: tensor {name} has no numbers, its shape is {list(shape)}")
        if end - first != math.prod(shape) * SIZES[dtype]:
            raise Failure(f"{self.path}: tensor {name} of shape {list(shape)} and dtype {dtype} cannot have {end - first} bytes")
        if start + end > size:
            raise Failure(f"{self.path} is cut off: tensor {name} ends at byte {start + end}, the file has {size}")
        return Entry(dtype, shape, start + first)

    def bytes(self, name: str) -> np.ndarray:
        """`[rows, bytes of a row]`, mapped, not read."""
        entry = self.entries[name]
        shape = (entry.rows, entry.columns * SIZES[entry.dtype])
        return np.memmap(self.path, dtype=np.uint8, mode="r", offset=entry.start, shape=shape)

    def pieces(self, name: str) -> Iterator[np.ndarray]:
        """The tensor's rows as float32 `[some rows, columns]`, in order."""
        entry, raw = self.entries[name], self.bytes(name)
        for rows in row_ranges(entry.rows, entry.columns):
            yield numbers(np.asarray(raw[rows]), entry.dtype)

    def array(self, name: str) -> np.ndarray:
        """The whole tensor as float32, in its shape."""
        return np.concatenate(list(self.pieces(name))).reshape(self.entries[name].shape)


def numbers(raw: np.ndarray, dtype: str) -> np.ndarray:
    """float32 from stored bytes `[rows, bytes of a row]`."""
    if dtype == "BF16":
        return widened(raw.view("<u2"))
    return raw.view({"F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1"}[dtype]).astype(np.float32)


def row_ranges(rows: int, columns: int) -> Iterator[slice]:
    """Parts of about `PIECE` numbers of a matrix."""
    step = max(1, PIECE // columns)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


@dataclass(frozen=True)
class Written:
    """One tensor of a file to be written; `pieces` give its bytes in order."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    pieces: Iterable[np.ndarray]

    @property
    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * SIZES[self.dtype]


def write(path: Path, tensors: list[Written], metadata: dict[str, str]) -> None:
    """Writes a file that appears whole or not at all; the same tensors and metadata give the same bytes."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))} if metadata else {}
    offset = 0
    for tensor in tensors:
        header[tensor.name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [offset, offset + tensor.size]}
        offset += tensor.size
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    partial = path.with_name(path.name + ".new")
    try:
        with open(partial, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for tensor in tensors:
                before = file.tell()
                for piece in tensor.pieces:
                    file.write(np.ascontiguousarray(piece).data)
                if file.tell() - before != tensor.size:
                    raise ValueError(f"{tensor.name}: {file.tell() - before} bytes were given instead of {tensor.size}")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
