"""The exact nearest neighbours by inner product, for bases larger than memory."""

import sys
import time

import numpy as np

BLOCK_SCORES = 16_000_000


def nearest(base, queries, k=100):
    """Ids of the `k` rows of `base` with the largest inner product, best first; the lower id first where two are equal.

    `base` is `[rows, dimension]`, perhaps mapped, and is read once in blocks; `queries` is `[count, dimension]`; the result is
    `[count, min(k, rows)]` int32. Float32 products choose twice as many candidates as are wanted; float64 ones order them. A
    query whose candidates might lack a neighbour within float32's rounding error (many equal rows) is looked at again.
    """
    rows, dimension = base.shape
    k = min(k, rows)
    keep = min(2 * k, rows)
    candidates, floor, largest = _candidates(base, queries, keep)
    # |computed - exact| <= dimension * 2^-24 * |q| * |x| for a float32 inner product, in whatever order it is summed.
    error = dimension * 2.0**-24 * np.linalg.norm(queries.astype(np.float64), axis=1) * largest
    result = np.empty((len(queries), k), np.int32)
    for i, query in enumerate(queries):
        ids, scores = _ordered(base, query, candidates[i], k)
        if keep < rows and scores[-1] <= floor[i] + error[i]:
            ids, _ = _ordered(base, query, _at_least(base, query, scores[-1] - error[i]), k)
        result[i] = ids
    return result


def _candidates(base, queries, keep):
    """By float32: `[count, keep]` ids in no order, every query's lowest score among them, and the base's largest norm."""
    rows, count, largest, told = len(base), len(queries), 0.0, time.monotonic()
    step = max(keep, BLOCK_SCORES // count)
    ids = np.empty((count, 0), np.int64)
    scores = np.empty((count, 0), np.float32)
    for start in range(0, rows, step):
        block = np.asarray(base[start : start + step])
        largest = max(largest, float(np.sqrt(np.einsum("ij,ij->i", block, block, dtype=np.float64).max())))
        products = queries @ block.T
        new = np.broadcast_to(np.arange(len(block)), products.shape)
        if len(block) > keep:
            new = np.argpartition(products, len(block) - keep, axis=1)[:, -keep:]
            products = np.take_along_axis(products, new, axis=1)
        ids = np.concatenate([ids, new + start], axis=1)
        scores = np.concatenate([scores, products], axis=1)
        if ids.shape[1] > keep:
            best = np.argpartition(scores, ids.shape[1] - keep, axis=1)[:, -keep:]
            ids, scores = np.take_along_axis(ids, best, axis=1), np.take_along_axis(scores, best, axis=1)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"  truth: {start + len(block):,} of {rows:,} rows", file=sys.stderr)
    return ids, scores.min(axis=1), largest


def _ordered(base, query, ids, k):
    """The best `k` of `ids` and their scores, by float64."""
    ids = np.sort(ids)
    # Not a matrix product: that may sum equal rows in different orders and so tell them apart.
    scores = (base[ids].astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    order = np.lexsort((ids, -scores))[:k]
    return ids[order], scores[order]


def _at_least(base, query, lowest):
    """The ids of all rows whose float32 product with `query` is at least `lowest`."""
    step = max(1, BLOCK_SCORES // base.shape[1])
    return np.concatenate(
        [start + np.flatnonzero(np.asarray(base[start : start + step]) @ query >= lowest) for start in range(0, len(base), step)]
    )
