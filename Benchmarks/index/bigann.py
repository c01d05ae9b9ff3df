"""BigANN files: uint32 rows, uint32 columns, then row-major numbers; `.fbin` holds float32, `.ibin` int32."""

import pathlib

import numpy as np

HEADER_BYTES = 8
TYPES = {".fbin": np.float32, ".ibin": np.int32}


def load(path):
    """The matrix of one file, mapped read-only: it costs no memory of the process's own."""
    path = pathlib.Path(path)
    rows, columns = (int(number) for number in np.fromfile(path, np.uint32, 2))
    kind = np.dtype(TYPES[path.suffix])
    expected = HEADER_BYTES + rows * columns * kind.itemsize
    if path.stat().st_size != expected:
        raise SystemExit(f"{path}: {path.stat().st_size} bytes; its header, {rows} x {columns}, makes {expected}")
    return np.memmap(path, kind, "r", HEADER_BYTES, (rows, columns))


class Writer:
    """Writes one file block by block; it gets its name when all rows are there, so a file with that name is whole."""

    def __init__(self, path, rows, columns):
        self.path, self.rows, self.columns, self.written = pathlib.Path(path), rows, columns, 0
        self.kind = TYPES[self.path.suffix]
        self.part = self.path.with_name(self.path.name + ".part")
        self.file = open(self.part, "wb")
        np.array([rows, columns], np.uint32).tofile(self.file)

    def write(self, block):
        """Appends `block`, `[any, columns]`."""
        if block.ndim != 2 or block.shape[1] != self.columns:
            raise ValueError(f"{self.path}: a block of shape {block.shape}; rows have {self.columns} columns")
        np.ascontiguousarray(block, self.kind).tofile(self.file)
        self.written += len(block)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.file.close()
        if failure is not None:
            return
        if self.written != self.rows:
            raise ValueError(f"{self.path}: {self.written} rows written of {self.rows}")
        self.part.rename(self.path)


def rounded(numbers):
    """float32 numbers with the precision of bf16, ties to even: what an index that stores bf16 keeps of them."""
    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


def save(path, matrix):
    """Writes a whole matrix."""
    with Writer(path, *matrix.shape) as writer:
        writer.write(matrix)
