"""GGUF files, checked from the first byte: every count and offset is compared with what the file has.

Layout (little-endian): `GGUF`, version (3, or 2), number of tensors, number of keys; keys (name, type, value); tensors (name, sizes,
the innermost first, type, offset); zeros up to the alignment; the tensors' bytes. Source: the `gguf` package's `gguf_reader.py`.

The `gguf` package's own reader trusts its file (a count of 2⁶⁰ keeps it busy for ever); of that package only the arithmetic of the blocks is used.
"""

from __future__ import annotations

import importlib
import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Failure
from .tensors import row_ranges

# Number in the file: name, numbers of a block, bytes of a block.
TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 8: ("Q8_0", 32, 34),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 30: ("BF16", 1, 2),
}
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# Elements of an array: the largest vocabularies have a sixtieth of this.
_ELEMENTS = 1 << 24


@dataclass(frozen=True)
class GGUFTensor:
    """Where a tensor stands: `shape` the outermost size first, `start` from the beginning of the file."""

    type: int
    shape: tuple[int, ...]
    start: int

    @property
    def rows(self) -> int:
        """1 for vectors."""
        return math.prod(self.shape[:-1])

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        _, block, size = TYPES[self.type]
        return self.shape[-1] // block * size


class _Cursor:
    """Reads on from a place, and never beyond the end."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.place = path, data, 0

    def take(self, count: int, what: str) -> int:
        """The offset of the next `count` bytes."""
        if count > len(self.data) - self.place:
            raise Failure(f"{self.path} is cut off: it ends inside {what}, at byte {len(self.data)}")
        self.place += count
        return self.place - count

    def number(self, code: str, what: str) -> Any:
        """One number of `struct`'s type `code`."""
        return struct.unpack_from("<" + code, self.data, self.take(struct.calcsize("<" + code), what))[0]

    def text(self, what: str) -> str:
        """A length and as many bytes of UTF-8."""
        count = self.number("Q", what)
        start = self.take(count, what)
        try:
            return self.data[start : start + count].decode()
        except UnicodeDecodeError as error:
            raise Failure(f"{self.path}: {what} is not valid UTF-8") from error

    def value(self, kind: int, what: str) -> Any:
        """A key's value of type `kind`."""
        if kind == _STRING:
            return self.text(what)
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind], what)
        if kind != _ARRAY:
            raise Failure(f"{self.path}: {what} has the type {kind}, which GGUF does not have")
        element, count = self.number("I", what), self.number("Q", what)
        if count > _ELEMENTS:
            raise Failure(f"{self.path} is cut off or damaged: {what} would have {count} elements")
        if element == _STRING:
            if count > (len(self.data) - self.place) // 8:
                raise Failure(f"{self.path} is cut off or damaged: {what} would hold {count} texts")
            return [self.text(what) for _ in range(count)]
        if element not in _NUMBERS:
            raise Failure(f"{self.path}: {what} is an array of type {element}; arrays of numbers and of texts are supported")
        size = struct.calcsize("<" + _NUMBERS[element])
        return list(struct.unpack_from(f"<{count}{_NUMBERS[element]}", self.data, self.take(count * size, what)))


class GGUFFile:
    """An open file: `fields` by key, `tensors` by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                if file.read(4) != b"GGUF":
                    raise Failure(f"{path} is no GGUF file: it does not begin with GGUF")
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}") from error
        cursor = _Cursor(path, self._data)
        cursor.take(4, "the header")
        version = cursor.number("I", "the header")
        if version in (1 << 24, 2 << 24, 3 << 24):
            raise Failure(f"{path} is a big-endian GGUF file; only little-endian ones are supported")
        if version not in (2, 3):
            raise Failure(f"{path} is GGUF version {version}; versions 2 and 3 are supported")
        tensor_count, key_count = cursor.number("Q", "the header"), cursor.number("Q", "the header")
        self.fields: dict[str, Any] = {}
        for number in range(key_count):
            key = cursor.text(f"the name of key {number}")
            if key in self.fields:
                raise Failure(f"{path}: the key {key} stands twice")
            self.fields[key] = cursor.value(cursor.number("I", f"the key {key}"), f"the key {key}")
        if self.fields.get("split.count", 0) not in (0, 1):
            raise Failure(f"{path} is one of {self.fields['split.count']} parts of a model; join them with llama-gguf-split --merge first")
        infos = [self._info(cursor, number) for number in range(tensor_count)]
        alignment = self.fields.get("general.alignment", 32)
        if type(alignment) is not int or alignment < 1 or alignment & (alignment - 1):
            raise Failure(f"{path}: general.alignment is {alignment}; a power of two is expected")
        start = -(-cursor.place // alignment) * alignment
        self.tensors: dict[str, GGUFTensor] = {}
        for name, kind, shape, offset in infos:
            if name in self.tensors:
                raise Failure(f"{path}: the tensor {name} stands twice")
            tensor = GGUFTensor(kind, shape, start + offset)
            end = tensor.start + tensor.rows * tensor.row_bytes
            if end > len(self._data):
                raise Failure(f"{path} is cut off: the tensor {name} ends at byte {end}, the file has {len(self._data)}")
            self.tensors[name] = tensor

    def _info(self, cursor: _Cursor, number: int) -> tuple[str, int, tuple[int, ...], int]:
        name = cursor.text(f"the name of tensor {number}")
        what = f"the description of tensor {name}"
        dimensions = cursor.number("I", what)
        if not 1 <= dimensions <= 4:
            raise Failure(f"{self.path}: the tensor {name} has {dimensions} dimensions; one to four are expected")
        shape = tuple(cursor.number("Q", what) for _ in range(dimensions))[::-1]
        kind, offset = cursor.number("I", what), cursor.number("Q", what)
        if kind not in TYPES:
            raise Failure(
                f"{self.path}: the tensor {name} has the type {_type_name(kind)}; supported are "
                + ", ".join(sorted(name for name, *_ in TYPES.values()))
            )
        if math.prod(shape) == 0:
            raise Failure(f"{self.path}: the tensor {name} has no numbers, its shape is {list(shape)}")
        kind_name, block, _ = TYPES[kind]
        if shape[-1] % block:
            raise Failure(f"{self.path}: a row of {name} has {shape[-1]} numbers; {kind_name} needs a multiple of {block}")
        return name, kind, shape, offset

    def pieces(self, name: str, order: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """The tensor's rows as float32 `[some rows, columns]`, in `order` where given."""
        gguf = _gguf()
        kind = gguf.GGMLQuantizationType(self.tensors[name].type)
        for chosen in self.raw(name, order):
            yield gguf.dequantize(chosen, kind).astype(np.float32, copy=False)

    def raw(self, name: str, order: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """The tensor's rows as they are stored, `[some rows, bytes of a row]`, in `order` where given."""
        tensor = self.tensors[name]
        raw = np.frombuffer(self._data, np.uint8, tensor.rows * tensor.row_bytes, tensor.start).reshape(tensor.rows, -1)
        for rows in row_ranges(tensor.rows, tensor.shape[-1]):
            chosen = raw[rows] if order is None else raw[order[rows]]
            yield np.ascontiguousarray(chosen)


def _gguf() -> Any:
    """The package, which Hugging Face directories and adapters do without."""
    try:
        return importlib.import_module("gguf")
    except ImportError as error:
        raise Failure("GGUF files need the package gguf: pip install gguf") from error


def _type_name(kind: int) -> str:
    try:
        return _gguf().GGMLQuantizationType(kind).name
    except ValueError:
        return str(kind)
