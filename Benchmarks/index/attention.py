"""Made vectors shaped like raw attention states: power-law spectrum, uneven norms, queries shifted away from the base.

A vector is a cluster centre plus noise, scaled along 1024 (or any other number of) axes by `axis^-0.55`, turned by a random
rotation, stretched by a log-normal factor and moved by a mean that the base and the queries do not share.
"""

import numpy as np

CENTRES = 4000
CHUNK_VALUES = 20_000_000


class Attention:
    """One distribution: `dimension` and `seed` decide it. Seed 0 is the set that the published bars were measured on."""

    def __init__(self, dimension, seed=0):
        random = np.random.default_rng(7 + 10 * seed)
        self.dimension, self.seed = dimension, seed
        self.spectrum = (np.arange(1, dimension + 1) ** -0.55).astype(np.float32)
        rotation, _ = np.linalg.qr(random.standard_normal((dimension, dimension)))
        self.rotation = rotation.astype(np.float32)
        self.centres = random.standard_normal((CENTRES, dimension)).astype(np.float32)
        self.base_mean = np.float32(0.05) * random.standard_normal(dimension).astype(np.float32)
        self.query_mean = np.float32(0.05) * random.standard_normal(dimension).astype(np.float32)

    def base(self, rows):
        """Blocks of the base, `rows` vectors in all."""
        return self._blocks(rows, 1 + 10 * self.seed, self.base_mean)

    def queries(self, rows):
        """Blocks of queries, `rows` vectors in all."""
        return self._blocks(rows, 2 + 10 * self.seed, self.query_mean)

    def _blocks(self, rows, seed, mean):
        """The noise is drawn twice from the same state: the norms come after all of it, and it need not fit in memory.

        So one stream makes the whole set whatever its size: a block's bytes do not depend on how many rows a block has,
        apart from the last bit where a matrix product rounds differently.
        """
        random = np.random.default_rng(seed)
        step = max(1, CHUNK_VALUES // self.dimension)
        counts = [min(step, rows - start) for start in range(0, rows, step)]
        clusters = random.integers(0, CENTRES, rows)
        before = random.bit_generator.state
        for count in counts:
            random.standard_normal((count, self.dimension), dtype=np.float32)
        norms = np.exp(0.12 * random.standard_normal((rows, 1))).astype(np.float32)
        random.bit_generator.state = before
        start = 0
        for count in counts:
            these = slice(start, start + count)
            noise = random.standard_normal((count, self.dimension), dtype=np.float32)
            drawn = np.float32(0.55) * self.centres[clusters[these]] + noise
            yield (drawn * self.spectrum) @ self.rotation * norms[these] + mean
            start += count
