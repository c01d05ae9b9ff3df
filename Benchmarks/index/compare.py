#!/usr/bin/env python3
"""Measures `imprag bench index` beside faiss, hnswlib and usearch on the same files in one run; writes a table and pictures.

    compare.py --imprag BIN --data DIR [DIR ...] --out RESULTS [--threads 2] [--rounds 1]
    compare.py --redraw RESULTS

For every data set: ImpRAG, then as often as --rounds says the peers and ImpRAG again, so that a machine that slows down or
speeds up does so for both; figures are medians over the runs. RESULTS gets `NAME.json` and `NAME.png` a data set and
`table.md`. Needs what `peers.py` needs, and matplotlib.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

import selection

HERE = pathlib.Path(__file__).resolve().parent
IMPRAG_KNOBS = ["probes", "margin"]
LOWEST_SHOWN = 0.8
# Okabe and Ito's colours, told apart by eyes of every kind; each with a marker of its own, for prints without colour.
STYLES = {
    "ImpRAG": ("#000000", "o"), "SQfp16": ("#0072B2", "s"), "SQ8": ("#56B4E9", "D"), "RaBitQ": ("#D55E00", "^"),
    "RaBitQfs": ("#E69F00", "v"), "PQ": ("#CC79A7", "P"), "hnswlib": ("#009E73", "X"), "usearch": ("#999933", "*"),
}


def environment(threads):
    """The environment of every measured process: all have the same threads, and none takes slower kernels than it could."""
    inherited = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    return inherited | {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def run_imprag(folder, options):
    """One run of `imprag bench index`, which builds and searches."""
    command = [str(options.imprag), "bench", "index", "--threads", str(options.threads), "--json"]
    for option, name in (("base", "base.fbin"), ("query", "query.fbin"), ("truth", "truth.ibin")):
        command += [f"--{option}", str(folder / name)]
    if (folder / "sample.fbin").exists():
        command += ["--sample", str(folder / "sample.fbin")]
    command += ["--partitions", str(options.partitions)]
    if options.calibrated_only:
        command.append("--calibrated-only")
    print(f"{folder.name}: imprag", file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment(options.threads))
    return json.loads(done.stdout)


def run_peers(folder, out, options):
    """One run of `peers.py`."""
    print(f"{folder.name}: peers", file=sys.stderr)
    command = [sys.executable, HERE / "peers.py", folder, "--out", out, "--threads", str(options.threads),
               "--repeats", str(options.repeats), "--only", *options.only]
    subprocess.run([str(part) for part in command], check=True, env=environment(options.threads))
    result = json.loads(out.read_text())
    out.unlink()
    return result


def measure(folder, options):
    """All runs on one data set, as they came."""
    runs = {"dataset": folder.name, "machine": machine(), "threads": options.threads,
            "imprag": [run_imprag(folder, options)], "peers": []}
    for _ in range(options.rounds):
        runs["peers"].append(run_peers(folder, options.out / f"{folder.name}.peers.json", options))
        runs["imprag"].append(run_imprag(folder, options))
    return runs


def machine():
    """Processor, cores, memory and system, in words."""
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def imprag_points(runs):
    """ImpRAG's points, medians over its runs."""
    return selection.median_points([run["points"] for run in runs["imprag"]], IMPRAG_KNOBS)


def peer_points(runs):
    """Every peer's points by its name, medians over its runs."""
    found = {}
    for run in runs["peers"]:
        for engine in run["engines"]:
            if "refusal" not in engine:
                found.setdefault(engine["engine"], []).append(engine["points"])
    knobs = ["nprobe", "k_factor", "ef"]
    return {name: selection.median_points(points, knobs) for name, points in found.items()}


def knobs_of(point):
    """The knobs of a point, in words."""
    names = {"probes": "p", "margin": "m", "nprobe": "p", "k_factor": "r", "ef": "ef"}
    return " ".join(f"{short}={point[name]:g}" for name, short in names.items() if point.get(name) is not None)


def cell(point, measure, name=""):
    """One cell: speed, recall and knobs, or a dash."""
    if point is None:
        return "–"
    return f"{point[measure]:,.0f}/s ({name + ', ' if name else ''}{point['recall']:.3f}, {knobs_of(point)})"


def table(runs):
    """Markdown: the best speeds at each target, then what every engine takes to build and to hold."""
    mine, peers, first = imprag_points(runs), peer_points(runs), runs["imprag"][0]
    lines = [f"### {runs['dataset']}", "",
             f"{first['rows']:,} × {first['dimension']}, {first['queries']:,} queries; threads: {runs['threads']}; "
             f"{runs['machine']}; ImpRAG on {first['instructions']}.", "",
             "| recall@10 ≥ | measure | ImpRAG | best peer | ratio |", "|---|---|---|---|---|"]
    for measure, words in selection.MEASURES.items():
        for target in selection.TARGETS:
            row = selection.against_peers(mine, peers, target, measure)
            ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
            lines.append(f"| {target:g} | {words} | {cell(row.imprag, measure)} | "
                         f"{cell(row.peer, measure, row.peer_name)} | {ratio} |")
    lines += ["", "| engine | build | ready | bytes a vector, resident | by formula |", "|---|---|---|---|---|"]
    middle = {name: statistics.median(run[name] for run in runs["imprag"])
              for name in ("build_seconds", "ready_seconds", "resident_bytes_per_vector")}
    lines.append(f"| ImpRAG | {middle['build_seconds']:,.1f} s | {middle['ready_seconds']:.2f} s | "
                 f"{middle['resident_bytes_per_vector']:,.0f} | |")
    engines = [engine for run in runs["peers"] for engine in run["engines"]]
    for name in peers:
        own = [engine for engine in engines if engine["engine"] == name and "refusal" not in engine]
        build, resident, formula = (statistics.median(engine[key] for engine in own) for key in
                                    ("build_seconds", "bytes_per_vector_resident", "bytes_per_vector_formula"))
        lines.append(f"| {name} | {build:,.1f} s | | {resident:,.0f} | {formula:,.0f} |")
    lines += [f"| {engine['engine']} | refused: {engine['refusal']} | | | |" for engine in engines if "refusal" in engine]
    lines += ["", calibration(first), ""]
    return "\n".join(lines)


def calibration(run):
    """How the recall that was asked for compares with the recall that came, in one line."""
    asked = [f"{point['target']:g} → {point['recall']:.3f}" for point in run["points"] if point.get("target") is not None]
    exact = f"Exact search: {run['exact']['qps']:,.0f}/s." if run.get("exact") else ""
    return f"Asked recall → measured: {', '.join(asked) or 'not calibrated'}. {exact}".strip()


def style_of(name):
    """Colour and marker of one engine: the last style whose key its name contains."""
    return [style for key, style in STYLES.items() if key in name][-1]


def draw(runs, path):
    """Recall against speed, one panel one by one and one in batch, one line an engine."""
    lines = {"ImpRAG": imprag_points(runs)} | peer_points(runs)
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.6), sharex=True, layout="constrained")
    for axis, (measure, words) in zip(axes, selection.MEASURES.items()):
        for name, points in lines.items():
            shown = [point for point in selection.frontier(points, measure) if point["recall"] >= LOWEST_SHOWN]
            colour, marker = style_of(name)
            own = name == "ImpRAG"
            axis.plot([point["recall"] for point in shown], [point[measure] for point in shown], color=colour, marker=marker,
                      markersize=6, linewidth=2.8 if own else 1.5, label=name, zorder=3 if own else 2)
        axis.set(yscale="log", xlim=(LOWEST_SHOWN - 0.005, 1.005), xlabel="recall@10", title=words)
        plain = FuncFormatter(lambda value, _: f"{value:,.0f}")
        axis.yaxis.set_major_formatter(plain)
        low, high = axis.get_ylim()
        # Less than a decade has one labelled line or none; more of them between the decades would crowd a wider range.
        axis.yaxis.set_minor_formatter(plain if high / low < 20 else NullFormatter())
        axis.grid(True, which="both", color="#dddddd", linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("queries a second (log)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    first = runs["imprag"][0]
    figure.suptitle(f"{runs['dataset']}: {first['rows']:,} × {first['dimension']}, inner product, threads: {runs['threads']}")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def report(runs, out):
    """Writes one data set's picture and returns its table."""
    draw(runs, out / f"{runs['dataset']}.png")
    return table(runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imprag", type=pathlib.Path, help="the imprag binary")
    parser.add_argument("--data", type=pathlib.Path, nargs="+", metavar="DIR", help="data sets that datasets.py wrote")
    parser.add_argument("--out", type=pathlib.Path, metavar="RESULTS", help="folder to write in")
    parser.add_argument("--threads", type=int, default=2, help="threads of every engine (default 2)")
    parser.add_argument("--rounds", type=int, default=1,
                        help="runs of the peers, each with an ImpRAG run before and after (default 1); 0: no peers")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions within a run of the peers (default 3)")
    parser.add_argument("--only", nargs="+", metavar="TEXT", default=[""],
                        help="only peers whose name contains one of these, where time is short")
    parser.add_argument("--partitions", type=int, default=1, help="partitions of ImpRAG's index (default 1)")
    parser.add_argument("--calibrated-only", action="store_true",
                        help="measure ImpRAG at what calibration chose only, not at a grid around it")
    parser.add_argument("--redraw", type=pathlib.Path, metavar="RESULTS",
                        help="measure nothing; table and pictures from what RESULTS has")
    options = parser.parse_args()
    if options.redraw:
        out = options.redraw
        tables = [report(json.loads(path.read_text()), out) for path in sorted(out.glob("*.json"))]
    else:
        if not (options.imprag and options.data and options.out):
            parser.error("--imprag, --data and --out are needed, or --redraw")
        out = options.out
        out.mkdir(parents=True, exist_ok=True)
        tables = []
        for folder in options.data:
            runs = measure(folder.resolve(), options)
            (out / f"{runs['dataset']}.json").write_text(json.dumps(runs) + "\n")
            tables.append(report(runs, out))
    (out / "table.md").write_text("\n".join(tables))
    print("\n".join(tables))


if __name__ == "__main__":
    main()
