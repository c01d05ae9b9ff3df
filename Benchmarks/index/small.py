#!/usr/bin/env python3
"""Small sets: `imprag bench index` and faiss in turns, the best of all turns for each, so that a busy machine disturbs both alike.

    small.py --imprag BIN --data DIR [DIR ...] --out small.json [--threads 2] [--turns 5]

faiss is its exhaustive index and, of its inverted files, the kinds of codes that lead on larger sets, over a grid of knobs. Needs
what `peers.py` needs.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import faiss
import numpy as np

import bigann
import compare
import peers

RECALLS = [0.9, 0.95, 0.98, 0.99]
KINDS = [("SQfp16", False), ("SQ8", False), ("RaBitQ,Refine(SQfp16)", True), ("PQ{}x4fs,Refine(SQfp16)", True)]
PROBES, K_FACTORS = [4, 8, 16, 32, 64, 128], [3, 10]


def flat_engine(base):
    """faiss's exhaustive search."""
    index = faiss.IndexFlatIP(base.shape[1])
    index.add(base)
    return peers.Engine("faiss Flat", index, lambda queries: index.search(queries, peers.K)[1], lambda: None, [[{}]],
                        4 * base.shape[1])


def faiss_engines(base, options):
    """All of faiss's indexes, built."""
    lists = peers.list_count(len(base))
    built = [flat_engine(base)]
    for kind, refined in KINDS:
        spec = f"IVF{lists},{kind.format(base.shape[1] // 8)}"
        engine = peers.faiss_engine(spec, 0, refined, options)[1](base)
        engine.series = [[{"nprobe": p} | ({"k_factor": r} if refined else {}) for p in PROBES if p <= lists]
                         for r in (K_FACTORS if refined else [None])]
        built.append(engine)
    return built


def run_imprag(folder, work, options):
    """One turn of ImpRAG on an index that is made in the first."""
    command = [options.imprag, "bench", "index", "--threads", options.threads, "--json", "--calibrated-only", "--work", work]
    for option, name in (("base", "base.fbin"), ("query", "query.fbin"), ("truth", "truth.ibin")):
        command += [f"--{option}", folder / name]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True,
                          env=compare.environment(options.threads))
    return json.loads(done.stdout)


def keep_best(best, name, point):
    """Keeps the higher of the figures of one point."""
    known = best.setdefault(name, {"recall": point["recall"], "one_qps": 0, "batch_qps": 0})
    for figure in ("one_qps", "batch_qps"):
        known[figure] = max(known[figure], point[figure])


def measure(folder, work, options):
    """The best of every point over all turns: ImpRAG's and faiss's."""
    base = np.ascontiguousarray(bigann.load(folder / "base.fbin"))
    queries, exact = np.array(bigann.load(folder / "query.fbin")), bigann.load(folder / "truth.ibin")
    engines = faiss_engines(base, options)
    own, theirs, about = {}, {}, None
    for _ in range(options.turns):
        about = run_imprag(folder, work, options)
        for point in about["points"]:
            keep_best(own, f"{point['probes']} {point['margin']}", point)
        for engine in engines:
            for series in engine.series:
                for knobs in series:
                    name = engine.name + "".join(f" {knob}={value}" for knob, value in knobs.items())
                    if theirs.get(name, {"recall": 1})["recall"] < RECALLS[0]:
                        continue
                    point = peers.measure(engine, knobs, queries, exact, 100, 1)
                    keep_best(theirs, name, point)
                    if point["recall"] >= peers.ENOUGH:
                        break
    return {"dataset": folder.name, "rows": len(base), "dimension": base.shape[1], "threads": options.threads,
            "turns": options.turns, "machine": compare.machine(), "faiss": faiss.__version__,
            "instructions": about["instructions"], "resident_bytes_per_vector": about["resident_bytes_per_vector"],
            "imprag": own, "peers": theirs}


def best_at(points, recall, figure):
    """The quickest point with at least this recall, by name; nothing where none has it."""
    reached = [(point[figure], name) for name, point in points.items() if point["recall"] >= recall]
    return max(reached, default=None)


def rows(result):
    """Lines of a table, one a recall."""
    for recall in RECALLS:
        cells = [f"{result['rows']:,} × {result['dimension']}", str(recall)]
        for figure in ("one_qps", "batch_qps"):
            own, peer = (best_at(result[side], recall, figure) for side in ("imprag", "peers"))
            cells += [f"{own[0]:,.0f}/s" if own else "–", f"{peer[0]:,.0f}/s ({peer[1]})" if peer else "–",
                      f"{own[0] / peer[0]:.1f}" if own and peer else "–"]
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imprag", type=pathlib.Path, required=True, help="the imprag binary")
    parser.add_argument("--data", type=pathlib.Path, nargs="+", required=True, metavar="DIR", help="sets that datasets.py wrote")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--threads", type=int, default=2, help="threads of both (default 2)")
    parser.add_argument("--turns", type=int, default=5, help="turns that the best is taken of (default 5)")
    options = parser.parse_args()
    faiss.omp_set_num_threads(options.threads)
    results = []
    for folder in options.data:
        with tempfile.TemporaryDirectory() as work:
            results.append(measure(folder, pathlib.Path(work), options))
        options.out.write_text(json.dumps(results, indent=1) + "\n")
        print("\n".join(rows(results[-1])), flush=True)


if __name__ == "__main__":
    main()
