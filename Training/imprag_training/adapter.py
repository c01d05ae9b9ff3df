"""Adapters: what training changed of a base model, in one small file; and the merge of both, in numpy, with the same bits on every machine.

A safetensors file. Of a matrix `X.weight` either `X.weight.lora_A` BF16 `[rank, in]`, `X.weight.lora_B` BF16 `[out, rank]` and
`X.weight.lora_scale` F32 `[1]`, or `X.weight.delta` I8 `[out, in]` and `X.weight.delta_scale` F32 `[out]`; of a vector `X.weight.delta` BF16.
Names are those of the base's `model.safetensors`. Metadata: `format`, `base` (SHA-256 of the base's weights), `imprag` (the object of
`config.json`), and whatever else the trainer says (recipe, seeds), each as JSON.

The merge computes, in float64 and in this order, s = Σ B[:, r] · A[r, :] for r = 0, 1, …, then W + scale · s, or W + scale · delta; each
multiplication and each addition is one elementwise operation of numpy. The sum is rounded to float32 and from there to the base's type, each
time to nearest, ties to even. No matrix product: BLAS orders sums as threads and processor suggest. No fused multiply-add: two operations are two.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import chat
from .config import ModelConfig
from .errors import Failure, exit_code
from .hf_source import notices, open_weights, read_json
from .importing import expected_shapes, new_directory, write_json
from .tensors import SafeTensors, Written, row_ranges, stored, write

FORMAT = "imprag-adapter-1"
LIMIT = 40_000_000


@dataclass(frozen=True)
class LoRA:
    """`a` `[rank, in]` and `b` `[out, rank]`, float32; the change is scale · b a."""

    a: np.ndarray
    b: np.ndarray
    scale: float

    def added(self, weights: np.ndarray, rows: slice) -> np.ndarray:
        """`weights` float64 `[rows, in]` and what belongs to these rows."""
        total, product = np.zeros_like(weights), np.empty_like(weights)
        a, b = self.a.astype(np.float64), self.b[rows].astype(np.float64)
        for rank in range(a.shape[0]):
            np.multiply(b[:, rank, None], a[rank], out=product)
            np.add(total, product, out=total)
        np.multiply(total, self.scale, out=total)
        return np.add(weights, total, out=total)


@dataclass(frozen=True)
class Delta:
    """`numbers` `[out, in]` int8 with `scales` `[out]` float32; of a vector `[1, in]` float32 with the scale 1."""

    numbers: np.ndarray
    scales: np.ndarray

    def added(self, weights: np.ndarray, rows: slice) -> np.ndarray:
        """`weights` float64 `[rows, in]` and what belongs to these rows."""
        change = np.multiply(self.numbers[rows].astype(np.float64), self.scales[rows, None].astype(np.float64))
        return np.add(weights, change, out=change)


@dataclass(frozen=True)
class Adapter:
    """A file's contents, checked against each other; `changes` by the name of the base's tensor."""

    base: str
    imprag: dict[str, Any]
    metadata: dict[str, Any]
    changes: dict[str, LoRA | Delta]


def weights_digest(tensors: Iterable[tuple[str, tuple[int, ...], Iterable[np.ndarray]]]) -> str:
    """SHA-256 over tensors in the order of their names: `name\\0[2, 3]\\0`, then the numbers as float32, little-endian."""
    digest = hashlib.sha256()
    for name, shape, pieces in tensors:
        digest.update(f"{name}\0{list(shape)}\0".encode())
        for piece in pieces:
            digest.update(np.ascontiguousarray(piece, dtype="<f4").data)
    return digest.hexdigest()


def disk_name(name: str) -> str:
    """The name in `model.safetensors` of a parameter, which modules know without the prefix."""
    return name if name.startswith(("model.", "lm_head.")) else f"model.{name}"


def write_adapter(
    path: Path,
    base: dict[str, np.ndarray],
    loras: dict[str, tuple[np.ndarray, np.ndarray, float]],
    tuned: dict[str, np.ndarray],
    metadata: dict[str, Any],
) -> int:
    """Writes what makes the tuned model of `base`; its size in bytes.

    - `base`: every tensor of the base model, float32.
    - `loras`: A `[rank, in]`, B `[out, rank]` and the scale (alpha / rank), by the name of the matrix that they add to.
    - `tuned`: whole tensors as training left them, of others.
    - `metadata`: `imprag`, the object of `config.json`; anything else that JSON can say.

    A and B are rounded to bf16, changes of matrices to 8 bits: measure the merged model, not the one in memory. Raises `Failure` for what does
    not fit together, and for more than 40 MB.
    """
    base = {disk_name(name): tensor for name, tensor in base.items()}
    loras = {disk_name(name): lora for name, lora in loras.items()}
    tuned = {disk_name(name): tensor for name, tensor in tuned.items()}
    if not isinstance(metadata.get("imprag"), dict):
        raise Failure("an adapter's metadata needs the object 'imprag'")
    if both := sorted(loras.keys() & tuned.keys()):
        raise Failure(f"{both[0]} has a LoRA pair and a tuned tensor; one of them is expected")
    tensors: list[Written] = []

    def add(name: str, dtype: str, values: np.ndarray) -> None:
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise Failure(f"{name} holds numbers that are not finite")
        tensors.append(Written(name, dtype, values.shape, [values if dtype == "I8" else stored(values, dtype)]))

    for name, (a, b, scale) in sorted(loras.items()):
        shape = _shape(base, name)
        if len(shape) != 2 or a.ndim != 2 or b.ndim != 2 or (b.shape[0], a.shape[1]) != shape or a.shape[0] != b.shape[1]:
            raise Failure(f"{name}: A {list(a.shape)} and B {list(b.shape)} do not make a change of {list(shape)}")
        add(f"{name}.lora_A", "BF16", a)
        add(f"{name}.lora_B", "BF16", b)
        add(f"{name}.lora_scale", "F32", np.array([scale], np.float32))
    for name, tensor in sorted(tuned.items()):
        if tensor.shape != _shape(base, name):
            raise Failure(f"{name}: the tuned tensor is {list(tensor.shape)}, the base's {list(base[name].shape)}")
        change = tensor.astype(np.float32) - base[name].astype(np.float32)
        if change.ndim == 1:
            add(f"{name}.delta", "BF16", change)
            continue
        scales = np.abs(change).max(1) / np.float32(127)
        safe = np.where(scales > 0, scales, 1)[:, None]
        add(f"{name}.delta", "I8", np.rint(change / safe).clip(-127, 127).astype(np.int8))
        add(f"{name}.delta_scale", "F32", scales)
    size = sum(tensor.size for tensor in tensors)
    if size > LIMIT:
        raise Failure(f"the adapter would have {size / 1e6:.1f} MB; at most {LIMIT / 1e6:.0f} are allowed: lower the rank, or tune fewer tensors")
    texts = {name: json.dumps(value, ensure_ascii=False, sort_keys=True) for name, value in metadata.items()}
    digest = weights_digest((name, tensor.shape, [tensor]) for name, tensor in sorted(base.items()))
    write(path, tensors, {**texts, "format": FORMAT, "base": digest})
    return path.stat().st_size


def _shape(base: dict[str, np.ndarray], name: str) -> tuple[int, ...]:
    if name not in base:
        raise Failure(f"{name} is none of the base's tensors")
    return base[name].shape


def read_adapter(path: Path) -> Adapter:
    """Reads and checks a file."""
    if not path.is_file():
        raise Failure(f"{path}: there is no such file")
    if path.stat().st_size > LIMIT + (1 << 20):
        raise Failure(f"{path} has {path.stat().st_size / 1e6:.1f} MB; adapters have at most {LIMIT / 1e6:.0f}")
    file = SafeTensors(path)
    if file.metadata.get("format") != FORMAT:
        raise Failure(f"{path} is no adapter, or of another version: its format is {file.metadata.get('format')!r}, {FORMAT!r} is expected")
    try:
        metadata = {name: json.loads(text) for name, text in file.metadata.items() if name not in ("format", "base")}
        imprag = metadata.pop("imprag")
        base = file.metadata["base"]
    except (ValueError, KeyError, RecursionError) as error:
        raise Failure(f"{path}: the metadata must give base, and imprag as JSON") from error
    if not isinstance(imprag, dict):
        raise Failure(f"{path}: imprag must be an object")
    left = dict(file.entries)
    changes: dict[str, LoRA | Delta] = {}

    def take(name: str, dtype: str, dimensions: int) -> np.ndarray:
        entry = left.pop(name, None)
        if entry is None or entry.dtype != dtype or len(entry.shape) != dimensions:
            raise Failure(f"{path}: {name} must be {dtype} with {dimensions} dimensions; it is {entry or 'missing'}")
        values = file.array(name)
        if not np.isfinite(values).all():
            raise Failure(f"{path}: {name} holds numbers that are not finite")
        return values

    for key, entry in file.entries.items():
        name, _, part = key.rpartition(".")
        if part == "lora_A":
            a, b = take(key, "BF16", 2), take(f"{name}.lora_B", "BF16", 2)
            change: LoRA | Delta = LoRA(a, b, float(take(f"{name}.lora_scale", "F32", 1)[0]))
            fits = a.shape[0] == b.shape[1]
        elif part == "delta" and len(entry.shape) == 1:
            numbers = take(key, "BF16", 1)[None]
            change, fits = Delta(numbers, np.ones(1, np.float32)), True
        elif part == "delta":
            numbers = take(key, "I8", 2).astype(np.int8)
            scales = take(f"{name}.delta_scale", "F32", 1)
            change, fits = Delta(numbers, scales), scales.shape[0] == numbers.shape[0]
        else:
            continue
        if not fits or name in changes:
            raise Failure(f"{path}: the tensors that change {name} do not fit together")
        changes[name] = change
    if left:
        raise Failure(f"{path}: {next(iter(left))} belongs to no change")
    return Adapter(base, imprag, metadata, changes)


def merge(base: Path, adapter_path: Path, target: Path) -> None:
    """Makes the directory `target`, whole or not at all, from the directory `base` and an adapter that was trained on it."""
    if target.exists() or target.is_symlink():
        raise Failure(f"{target} exists already; name a directory that does not, or remove it first")
    adapter = read_adapter(adapter_path)
    files = open_weights(base)
    data = read_json(base / "config.json")
    try:
        config = ModelConfig.from_json({**data, "imprag": adapter.imprag})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Failure(f"{adapter_path}: its imprag object does not fit {base / 'config.json'}: {error}") from error
    digest = weights_digest((name, files[name].entries[name].shape, files[name].pieces(name)) for name in sorted(files))
    if digest != adapter.base:
        raise Failure(f"{adapter_path} was made for weights with SHA-256 {adapter.base}; those of {base} have {digest}")
    for name, change in adapter.changes.items():
        shape = (change.b.shape[0], change.a.shape[1]) if isinstance(change, LoRA) else change.numbers.shape
        entry = files[name].entries[name] if name in files else None
        if entry is None or (entry.rows, entry.columns) != shape:
            raise Failure(f"{adapter_path} changes {name} as one of {list(shape)}; {base} has {list(entry.shape) if entry else 'no such tensor'}")

    order = [name for name in expected_shapes(config) if name in files]
    order += sorted(files.keys() - set(order))
    with new_directory(target) as folder:
        tensors = [_merged(files[name], name, adapter.changes.get(name)) for name in order]
        write(folder / "model.safetensors", tensors, {"format": "pt"})
        write_json(folder / "config.json", {**data, "imprag": adapter.imprag})
        beside = ("tokenizer.json", "generation_config.json", chat.TEMPLATE, chat.SETTINGS)
        for path in (*(base / name for name in beside), *notices(base)):
            if path.exists():
                shutil.copyfile(path, folder / path.name)


def _merged(file: SafeTensors, name: str, change: LoRA | Delta | None) -> Written:
    entry = file.entries[name]

    def pieces() -> Iterator[np.ndarray]:
        raw = file.bytes(name)
        for rows, weights in zip(row_ranges(entry.rows, entry.columns), file.pieces(name)):
            if change is None:
                yield raw[rows]
            else:
                yield stored(change.added(weights.astype(np.float64), rows).astype(np.float32), entry.dtype)

    return Written(name, entry.dtype, entry.shape, pieces())


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="imprag-merge", description="Makes a model from its base and an adapter.")
    parser.add_argument("--base", type=Path, required=True, metavar="DIR", help="what imprag-import made")
    parser.add_argument("--adapter", type=Path, required=True, metavar="FILE", help="what training changed")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the directory to make")
    options = parser.parse_args(arguments)

    def work() -> None:
        merge(options.base, options.adapter, options.out)
        print(f"{options.out}: {options.base} and {options.adapter}")

    return exit_code("imprag-merge", work)


if __name__ == "__main__":
    sys.exit(main())
