"""GGUF files: the blocks of every type, and files that lie."""

import struct

import gguf
import numpy as np
import pytest

from imprag_training.errors import Failure
from imprag_training.gguf_file import TYPES, GGUFFile

NUMBERS = {name: number for number, (name, *_) in TYPES.items()}


def written(path, name: str, columns: int, rows: bytes) -> GGUFFile:
    """A file with one tensor `t` of type `name` that holds `rows`."""
    count = len(rows) // (columns // TYPES[NUMBERS[name]][1] * TYPES[NUMBERS[name]][2])
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sIQQIQ", 1, b"t", 2, columns, count, NUMBERS[name], 0)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + rows)
    return GGUFFile(path)


def f16(data: bytes) -> float:
    return struct.unpack("<e", data)[0]


def scale_and_minimum(j: int, packed: bytes) -> tuple[int, int]:
    """Six bits each, of sub-block j in the 12 bytes of Q4_K and Q5_K (ggml-quants.c, `get_scale_min_k4`)."""
    if j < 4:
        return packed[j] & 63, packed[j + 4] & 63
    return packed[j + 4] & 15 | packed[j - 4] >> 6 << 4, packed[j + 4] >> 4 | packed[j] >> 6 << 4


def straight(name: str, block: bytes) -> list[float]:
    """One block, number by number, from the comments of llama.cpp's `ggml-common.h`."""
    if name == "F32":
        return list(struct.unpack("<f", block))
    if name == "F16":
        return [f16(block)]
    if name == "BF16":
        return list(struct.unpack("<f", b"\0\0" + block))
    if name == "Q8_0":
        return [f16(block[:2]) * q for q in struct.unpack("32b", block[2:])]
    if name == "Q4_0":
        quarters = [b & 15 for b in block[2:]] + [b >> 4 for b in block[2:]]
        return [f16(block[:2]) * (q - 8) for q in quarters]
    if name == "Q4_1":
        quarters = [b & 15 for b in block[4:]] + [b >> 4 for b in block[4:]]
        return [f16(block[:2]) * q + f16(block[2:4]) for q in quarters]
    if name in ("Q4_K", "Q5_K"):
        d, minimum, packed = f16(block[:2]), f16(block[2:4]), block[4:16]
        high, low = (block[16:48], block[48:]) if name == "Q5_K" else (bytes(32), block[16:])
        numbers = []
        for j in range(8):
            scale, least = scale_and_minimum(j, packed)
            for i in range(32):
                q = low[32 * (j // 2) + i] >> 4 * (j % 2) & 15 | (high[i] >> j & 1) << 4
                numbers.append(d * scale * q - minimum * least)
        return numbers
    low, high, scales, d = block[:128], block[128:192], struct.unpack("16b", block[192:208]), f16(block[208:])
    numbers = []
    for n in range(256):
        half, within = divmod(n, 128)
        part, i = divmod(within, 32)
        q = low[64 * half + 32 * (part % 2) + i] >> 4 * (part // 2) & 15 | (high[32 * half + i] >> 2 * part & 3) << 4
        numbers.append(d * scales[n // 16] * (q - 32))
    return numbers


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_type_is_what_its_blocks_say(tmp_path, name):
    _, block, size = TYPES[NUMBERS[name]]
    random = np.random.default_rng(5)
    count, columns = 12, 256
    blocks = []
    for _ in range(count * columns // block):
        data = bytearray(random.integers(0, 256, size, dtype=np.uint8).tobytes())
        # Scales and single numbers of a usual size; all else is any bits at all.
        scale = struct.pack("<e", random.normal())
        places = {"F32": [], "F16": [0], "BF16": [], "Q6_K": [208], "Q8_0": [0], "Q4_0": [0]}.get(name, [0, 2])
        for place in places:
            data[place : place + 2] = scale
        if name in ("F32", "BF16"):
            data = bytearray(struct.pack("<f", random.normal())[4 - size :])
        blocks.append(bytes(data))
    file = written(tmp_path / "a.gguf", name, columns, b"".join(blocks))
    expected = np.array([number for data in blocks for number in straight(name, data)]).reshape(count, columns)
    found = np.concatenate(list(file.pieces("t")))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-5)
    order = np.arange(count)[::-1]
    np.testing.assert_array_equal(np.concatenate(list(file.pieces("t", order))), found[::-1])


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0", "Q4_1", "BF16", "F16"])
def test_what_gguf_quantizes_comes_back_nearly_as_it_was(tmp_path, name):
    original = np.random.default_rng(6).normal(size=(8, 64)).astype(np.float32)
    rows = gguf.quantize(original, gguf.GGMLQuantizationType[name]).tobytes()
    found = np.concatenate(list(written(tmp_path / "a.gguf", name, 64, rows).pieces("t")))
    limit = {"Q8_0": 0.01, "Q4_0": 0.2, "Q4_1": 0.2}.get(name, 0.01)
    assert np.abs(found - original).max() < limit * np.abs(original).max()


def key(name: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + value


def head(keys: list[bytes], tensors: list[bytes] = (), version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)


def tensor(name: bytes, sizes: list[int], kind: int, offset: int) -> bytes:
    return struct.pack("<Q", len(name)) + name + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)


HUGE = 1 << 60
HOSTILE = {
    "no GGUF": (b"PK\3\4" + bytes(100), "does not begin with GGUF"),
    "empty": (b"", "does not begin with GGUF"),
    "magic only": (b"GGUF", "cut off"),
    "old": (head([], version=1), "version 1"),
    "of tomorrow": (head([], version=4), "version 4"),
    "big-endian": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
    "keys without end": (b"GGUF" + struct.pack("<IQQ", 3, 0, HUGE), "cut off"),
    "tensors without end": (b"GGUF" + struct.pack("<IQQ", 3, HUGE, 0), "cut off"),
    "a long text": (head([key(b"a", 8, struct.pack("<Q", HUGE))]), "cut off"),
    "a long array": (head([key(b"a", 9, struct.pack("<IQ", 0, HUGE))]), "cut off"),
    "many texts": (head([key(b"a", 9, struct.pack("<IQ", 8, HUGE))]), "cut off"),
    "arrays in arrays": (head([key(b"a", 9, struct.pack("<IQ", 9, 1) + bytes(40))]), "arrays of numbers"),
    "an unknown type": (head([key(b"a", 77, bytes(8))]), "type 77"),
    "no UTF-8": (head([key(b"a", 8, struct.pack("<Q", 1) + b"\xff")]), "UTF-8"),
    "a key twice": (head([key(b"a", 7, b"\1"), key(b"a", 7, b"\1")]), "twice"),
    "alignment": (head([key(b"general.alignment", 4, struct.pack("<I", 0))]), "alignment"),
    "a part": (head([key(b"split.count", 2, struct.pack("<H", 3))]), "parts"),
    "no dimensions": (head([], [struct.pack("<Q1sIIQ", 1, b"t", 0, 0, 0)]), "dimensions"),
    "no numbers": (head([], [tensor(b"t", [0, 4], 0, 0)]), "no numbers"),
    "Q2_K": (head([], [tensor(b"t", [256], 10, 0)]), "Q2_K"),
    "type 999": (head([], [tensor(b"t", [256], 999, 0)]), "999"),
    "half a block": (head([], [tensor(b"t", [33], 2, 0)]), "multiple of 32"),
    "beyond the end": (head([], [tensor(b"t", [64], 0, 0)]) + bytes(64), "cut off"),
    "far beyond the end": (head([], [tensor(b"t", [64], 0, (1 << 64) - 32)]) + bytes(512), "cut off"),
    "overflow": (head([], [tensor(b"t", [1 << 33, 1 << 33], 0, 0)]) + bytes(512), "cut off"),
    "a tensor twice": (head([], [tensor(b"t", [1], 0, 0)] * 2) + bytes(512), "twice"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_lie_are_refused_by_what_is_wrong(tmp_path, name):
    data, expected = HOSTILE[name]
    (tmp_path / "a.gguf").write_bytes(data)
    with pytest.raises(Failure, match=expected):
        GGUFFile(tmp_path / "a.gguf")


def test_cut_anywhere_a_file_is_refused(tmp_path):
    keys = [key(b"general.name", 8, struct.pack("<Q", 3) + b"abc"), key(b"list", 9, struct.pack("<IQ", 4, 3) + bytes(12))]
    data = head(keys, [tensor(b"t", [32], 2, 0)])
    data += b"\0" * (-len(data) % 32) + bytes(18)
    (tmp_path / "a.gguf").write_bytes(data)
    assert GGUFFile(tmp_path / "a.gguf").fields == {"general.name": "abc", "list": [0, 0, 0]}
    for length in range(len(data)):
        (tmp_path / "a.gguf").write_bytes(data[:length])
        with pytest.raises(Failure):
            GGUFFile(tmp_path / "a.gguf")
