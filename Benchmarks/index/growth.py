#!/usr/bin/env python3
"""Draws how ImpRAG's cost of a search and its memory grow with the number of vectors, from what `compare.py` measured.

    growth.py RESULTS NAME [NAME ...] [--recall 0.95] [--out growth.png]

NAMEs are data sets of one kind and several sizes, such as attention-200k attention-1m attention-5m.
"""

import argparse
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

import compare
import selection


def figures(runs, recall):
    """One size: rows, milliseconds a search and bytes in all, at the fastest settings that reach `recall`."""
    points = compare.imprag_points(runs)
    alone, together = (selection.best(points, recall, measure) for measure in selection.MEASURES)
    if alone is None:
        raise SystemExit(f"{runs['dataset']}: no setting reaches recall {recall:g}")
    first = runs["imprag"][0]
    return {"rows": first["rows"], "p50": alone["one_p50_us"] / 1e3, "p99": alone["one_p99_us"] / 1e3,
            "batch": 1e3 / together["batch_qps"], "bytes": first["resident_bytes_per_vector"] * first["rows"]}


def draw(sizes, recall, path):
    """Two panels over the number of vectors: time of a search (both axes logarithmic), and memory."""
    sizes = sorted(sizes, key=lambda size: size["rows"])
    rows = [size["rows"] for size in sizes]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for key, label, colour, marker in (("p50", "one by one, p50", "#0072B2", "o"), ("p99", "one by one, p99", "#D55E00", "^"),
                                       ("batch", "batch, time over queries", "#009E73", "s")):
        left.plot(rows, [size[key] for size in sizes], color=colour, marker=marker, label=label)
    left.plot(rows, [sizes[0]["p50"] * count / rows[0] for count in rows], color="#999999", linestyle=":",
              label="as many times the vectors")
    left.set(ylabel="milliseconds a search", title=f"recall@10 ≥ {recall:g}")
    left.legend(frameon=False)
    right.plot(rows, [size["bytes"] / 2**20 for size in sizes], color="#000000", marker="o")
    right.set(ylabel="MiB resident", title="memory")
    left.set(xscale="log", yscale="log")
    left.minorticks_off()
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    right.set(xlim=(0, None), ylim=(0, None))
    for axis in (left, right):
        axis.set_xlabel("vectors")
        axis.set_xticks(rows, [f"{count:,}" for count in rows])
        axis.grid(True, color="#dddddd", linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=pathlib.Path, help="folder that compare.py wrote")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--recall", type=float, default=0.95, help="recall that the settings must reach (default 0.95)")
    parser.add_argument("--out", type=pathlib.Path, help="picture to write (default RESULTS/growth.png)")
    options = parser.parse_args()
    sizes = [figures(json.loads((options.results / f"{name}.json").read_text()), options.recall) for name in options.names]
    draw(sizes, options.recall, options.out or options.results / "growth.png")
    print("| vectors | p50 | p99 | batch, time over queries | resident |\n|---|---|---|---|---|")
    for size in sizes:
        print(f"| {size['rows']:,} | {size['p50']:.2f} ms | {size['p99']:.2f} ms | {size['batch']:.3f} ms | "
              f"{size['bytes'] / 2**20:,.0f} MiB |")


if __name__ == "__main__":
    main()
