"""Rows that look like a model's own key states, any number of them, and their exact nearest neighbours."""

import pathlib

import numpy as np

BLOCK = 1 << 16
NOISE = 0.4  # of a row's variance, as a standard deviation; README.md says why
WIDE = 20  # candidates by float32 that float64 orders


class Rows:
    """Real states, each many times, pulled towards their mean and blurred: mean and covariance stay those of the real ones.

    x = mean + sqrt(1 - NOISE^2) (real state - mean) + NOISE z, with z normal of the real states' covariance.
    """

    def __init__(self, states, seed=0):
        self.mean = states.mean(0)
        centred = states - self.mean
        self.kept = (np.sqrt(1 - NOISE**2) * centred).astype(np.float32)
        values, vectors = np.linalg.eigh(np.cov(centred.T.astype(np.float64)))
        self.root = (NOISE * np.sqrt(np.maximum(values, 0))[:, None] * vectors.T).astype(np.float32)
        self.seed = seed

    def blocks(self, partition, count):
        """`count` rows of one partition, in blocks. Fewer rows are the first of more."""
        random = np.random.default_rng([self.seed, partition])
        for start in range(0, count, BLOCK):
            # Whole blocks are drawn, so that a count does not change what comes before its end.
            chosen = random.integers(0, len(self.kept), BLOCK)
            noise = random.standard_normal((BLOCK, len(self.mean)), dtype=np.float32)
            block = self.kept[chosen] + noise @ self.root + self.mean
            yield block[: count - start].astype(np.float32)


def rounded(numbers):
    """float32 numbers with the precision of bf16, ties to even: what an index keeps of them."""
    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


class Writer:
    """A BigANN file (`.fbin`), block by block; it gets its name when all rows are there."""

    def __init__(self, path, rows, columns):
        self.path = pathlib.Path(path)
        self.part = self.path.with_name(self.path.name + ".part")
        self.file = open(self.part, "wb")
        self.left = rows
        np.array([rows, columns], np.uint32).tofile(self.file)

    def write(self, block):
        np.ascontiguousarray(block, np.float32).tofile(self.file)
        self.left -= len(block)

    def close(self):
        self.file.close()
        if self.left:
            raise ValueError(f"{self.path}: {self.left} rows are missing")
        self.part.rename(self.path)


class Truth:
    """The best rows for each query by inner product; blocks of rows come one by one."""

    def __init__(self, queries, k=10):
        self.queries, self.k = np.ascontiguousarray(queries, np.float32), k
        self.scores = np.full((len(queries), WIDE), -np.inf, np.float32)
        self.ids = np.full((len(queries), WIDE), -1, np.int64)
        self.exact = np.full((len(queries), WIDE), -np.inf)

    def add(self, rows, first):
        """`rows` are those numbered from `first` on."""
        products = self.queries @ rows.T
        floor = self.scores[:, -1:]
        # Few products get over the worst of the best so far, once some blocks have been seen.
        for query in np.flatnonzero((products > floor).any(1)):
            places = np.flatnonzero(products[query] > floor[query])
            if len(places) > WIDE:
                places = places[np.argpartition(products[query, places], -WIDE)[-WIDE:]]
            exact = rows[places].astype(np.float64) @ self.queries[query].astype(np.float64)
            scores = np.concatenate([self.scores[query], products[query, places]])
            ids = np.concatenate([self.ids[query], places + first])
            exact = np.concatenate([self.exact[query], exact])
            best = np.argsort(-scores, kind="stable")[:WIDE]
            self.scores[query], self.ids[query], self.exact[query] = scores[best], ids[best], exact[best]

    def best(self):
        """`[queries, k]` ids, best first."""
        order = np.lexsort((self.ids, -self.exact), axis=1)[:, : self.k]
        return np.take_along_axis(self.ids, order, axis=1)


def merged(parts, k=10):
    """The best of several truths of the same queries: `[queries, k]` ids from their `ids` and `exact`."""
    ids = np.concatenate([part["ids"] for part in parts], axis=1)
    exact = np.concatenate([part["exact"] for part in parts], axis=1)
    order = np.lexsort((ids, -exact), axis=1)[:, :k]
    return np.take_along_axis(ids, order, axis=1)
