#!/usr/bin/env python3
"""Measures faiss, hnswlib and usearch on one data set, in one process: recall, speed, memory and building.

    peers.py DATASET_DIR --out peers.json [--threads 2] [--only TEXT ...]

Queries are float32, k is 10. Every engine is built once and measured at a grid of its own knobs; a figure is the median of the
repetitions. Needs numpy, faiss-cpu, hnswlib and usearch.
"""

import argparse
import ctypes
import gc
import importlib.metadata
import json
import math
import os
import pathlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import faiss
import hnswlib
import numpy as np
from usearch.index import Index

import bigann

K = 10
PROBES = [4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 192, 256, 384, 512]
K_FACTORS = [1, 3, 5, 10, 20, 30]
BREADTHS = [32, 48, 64, 96, 128, 192, 256, 384, 512, 1024]
# Below this recall a point is outside every comparison: it is measured once.
ONCE_BELOW = 0.85
# A series ends where recall is this high, or a step gains less than this: turning the knob further only costs.
# Not at a low recall, where the first steps may gain nothing.
ENOUGH, LEAST_GAIN, LOW = 0.999, 0.0003, 0.5
LINKS, BUILD_BREADTH = 24, 120


@dataclass
class Engine:
    """One built index.

    - `search(queries)` returns `[count, K]` ids; `turn(**knobs)` sets the knobs for the searches that follow.
    - `share(lists)`, where an engine has the choice: whether its threads share the lists of one query, or the queries of a call.
    - `series`: lists of settings, each list by rising cost.
    - `formula_bytes`: what a vector's codes and links take; centroids, ids and spare capacity are left out.
    """

    name: str
    index: object
    search: Callable
    turn: Callable
    series: list[list[dict]]
    formula_bytes: float
    share: Callable | None = None


def list_count(rows):
    """How many lists an inverted file has: 1024 for 200,000 vectors, otherwise the power of two nearest to 4 sqrt(rows)."""
    return 1024 if rows == 200_000 else 2 ** round(math.log2(4 * math.sqrt(rows)))


def faiss_engine(spec, formula_bytes, refined, options):
    """A builder for one faiss inverted file; `refined` ones keep a second copy from which `k_factor * K` candidates are rescored."""

    def build(base):
        faiss.omp_set_num_threads(options.threads)
        lists = list_count(len(base))
        index = faiss.index_factory(base.shape[1], spec, faiss.METRIC_INNER_PRODUCT)
        index.train(base[: max(60_000, 39 * lists)])
        index.add(base)
        inner = faiss.downcast_index(index.base_index) if refined else index

        def share(lists_of_one):
            inner.parallel_mode = int(lists_of_one)

        def turn(nprobe, k_factor=None):
            inner.nprobe = nprobe
            if refined:
                index.k_factor = k_factor

        probes = [p for p in PROBES if p <= min(lists, max(256, lists // 8))]
        series = [[{"nprobe": p, "k_factor": r} for p in probes] for r in K_FACTORS]
        if not refined:
            series = [[{"nprobe": p} for p in probes]]
        return Engine(f"faiss {spec}", index, lambda queries: index.search(queries, K)[1], turn, series, formula_bytes,
                      share)

    return f"faiss {spec}", build


def hnswlib_engine(dimension, options):
    """A builder for hnswlib: a graph over float32 vectors."""

    def build(base):
        index = hnswlib.Index("ip", dimension)
        index.init_index(len(base), M=LINKS, ef_construction=BUILD_BREADTH)
        index.set_num_threads(options.threads)
        index.add_items(base)
        return Engine("hnswlib", index, lambda queries: index.knn_query(queries, K)[0], lambda ef: index.set_ef(ef),
                      [[{"ef": breadth} for breadth in BREADTHS]], 4 * dimension + LINKS * 2 * 4 + 16)

    return "hnswlib", build


def usearch_engine(dimension, options):
    """A builder for usearch: a graph over bf16 vectors."""

    def build(base):
        index = Index(ndim=dimension, metric="ip", dtype="bf16", connectivity=LINKS, expansion_add=BUILD_BREADTH)
        index.add(np.arange(len(base)), base, threads=options.threads)

        def turn(ef):
            index.expansion_search = ef

        def search(queries):
            return index.search(queries, K, threads=options.threads).keys.reshape(len(queries), -1)

        return Engine("usearch bf16", index, search, turn,
                      [[{"ef": breadth} for breadth in BREADTHS]], 2 * dimension + LINKS * 2 * 4 + 16)

    return "usearch bf16", build


def engines(rows, dimension, options):
    """Every engine as its name and its builder."""
    d, lists = dimension, list_count(rows)
    found = [
        faiss_engine(f"IVF{lists},SQfp16", 2 * d, False, options),
        faiss_engine(f"IVF{lists},SQ8", d, False, options),
        faiss_engine(f"IVF{lists},RaBitQ,Refine(SQfp16)", d / 8 + 8 + 2 * d, True, options),
        faiss_engine(f"IVF{lists},RaBitQfs,Refine(SQfp16)", d / 8 + 8 + 2 * d, True, options),
    ]
    if d % 8 == 0:
        found.append(faiss_engine(f"IVF{lists},PQ{d // 8}x4fs,Refine(SQfp16)", d / 16 + 2 * d, True, options))
    return found + [hnswlib_engine(d, options), usearch_engine(d, options)]


def own_bytes():
    """Memory of this process that no file backs, after free memory went back to the system; mapped data sets do not count."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return 1024 * int(line.split()[1])
    raise SystemExit("/proc/self/status has no RssAnon: measuring memory needs Linux 4.5 or newer")


def recall(found, exact):
    """The share of the exact best K that was found."""
    return float(np.mean([len(set(ids.tolist()) & set(best.tolist())) / K for ids, best in zip(found, exact[:, :K])]))


def one_by_one(engine, queries, calls):
    """One call a query, `calls` of them in turn: what was found, and the seconds each took."""
    times, found = [], []
    for i in range(calls):
        query = queries[i % len(queries)][None]
        start = time.perf_counter()
        found.append(engine.search(query)[0])
        times.append(time.perf_counter() - start)
    return found, times


def measure(engine, knobs, queries, exact, calls, repeats):
    """One point: all queries in one call, then one call a query; medians over the repetitions.

    An engine whose threads can share the lists of one query does that where it is quicker one by one; `one_qps_usual` is without.
    """
    engine.turn(**knobs)
    engine.search(queries[:1])
    runs = []
    for _ in range(repeats):
        start = time.perf_counter()
        together = engine.search(queries)
        batch = time.perf_counter() - start
        share = recall(together, exact)
        found, times = one_by_one(engine, queries, calls)
        usual = calls / sum(times)
        if engine.share:
            engine.share(True)
            shared, shared_times = one_by_one(engine, queries, calls)
            if sum(shared_times) < sum(times):
                found, times = shared, shared_times
            engine.share(False)
        p50, p99 = np.percentile(times, [50, 99])
        runs.append({"one_qps": calls / sum(times), "one_qps_usual": usual, "one_p50_us": 1e6 * p50, "one_p99_us": 1e6 * p99,
                     "batch_qps": len(queries) / batch})
        if share < ONCE_BELOW:
            break
    point = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    return knobs | {"recall": share, "one_recall": recall(found, exact[np.arange(calls) % len(queries)])} | point


def measure_engine(name, build, base, queries, exact, options):
    """Builds one engine and measures all of its grid; one that refuses these data is named with its reason, not passed over."""
    before, start = own_bytes(), time.perf_counter()
    try:
        engine = build(base)
    except RuntimeError as refusal:
        print(f"{name}: {refusal}", file=sys.stderr)
        return {"engine": name, "refusal": str(refusal)}
    seconds = time.perf_counter() - start
    resident = (own_bytes() - before) / len(base)
    print(f"{name}: built in {seconds:,.1f} s, {resident:,.0f} bytes a vector", file=sys.stderr)
    points = []
    for series in engine.series:
        reached = 0.0
        for knobs in series:
            point = measure(engine, knobs, queries, exact, options.calls, options.repeats)
            points.append(point)
            print(f"  {' '.join(f'{knob}={value}' for knob, value in knobs.items()):22s} recall {point['recall']:.3f}  "
                  f"one by one {point['one_qps']:8,.0f}/s  batch {point['batch_qps']:8,.0f}/s", file=sys.stderr)
            if point["recall"] >= ENOUGH or (point["recall"] < reached + LEAST_GAIN and point["recall"] > LOW):
                break
            reached = point["recall"]
    return {"engine": name, "build_seconds": seconds, "bytes_per_vector_formula": engine.formula_bytes,
            "bytes_per_vector_resident": resident, "points": points}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=pathlib.Path, help="folder with base.fbin, query.fbin and truth.ibin")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--threads", type=int, default=2, help="threads of every engine (default 2)")
    parser.add_argument("--only", nargs="+", metavar="TEXT", default=[""], help="only engines whose name contains one of these")
    parser.add_argument("--calls", type=int, default=200, help="searches one by one (default 200)")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions that a median is taken of (default 3)")
    options = parser.parse_args()
    base, exact = bigann.load(options.dataset / "base.fbin"), bigann.load(options.dataset / "truth.ibin")
    queries = np.array(bigann.load(options.dataset / "query.fbin"))
    rows, dimension = base.shape
    measured = [measure_engine(name, build, base, queries, exact, options) for name, build in engines(rows, dimension, options)
                if any(text in name for text in options.only)]
    result = {"dataset": options.dataset.name, "rows": rows, "dimension": dimension, "queries": len(queries), "k": K,
              "threads": options.threads, "calls": options.calls, "repeats": options.repeats,
              "cores": os.cpu_count(),
              "versions": {name: importlib.metadata.version(name) for name in ("numpy", "faiss-cpu", "hnswlib", "usearch")},
              "engines": measured}
    options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
