#!/usr/bin/env python3
"""Measures `imprag bench model` and `imprag bench rag` beside llama.cpp and transformers on the same weights in one run.

    compare.py --imprag BIN --model DIR --gguf-bf16 FILE --gguf-q8 FILE [--int8-model DIR] [--name NAME] [--only TEXT ...]
    compare.py --show results/NAME.json

ImpRAG runs before and after the peers, so that a machine which gets slower or faster does so for both; a figure is the median over
those runs. Writes `results/NAME.json` and prints the table. Needs what `peers.py` needs.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import tempfile

import bar
import peers
import workload

HERE = pathlib.Path(__file__).resolve().parent
# The instructions that the kernels of any engine here choose by.
FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8")
PACKAGES = ("llama-cpp-python", "torch", "transformers", "numpy")


def machine(launcher):
    """Processor, instructions, cores, memory, system, and the versions of the peers."""
    lines = dict(line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    processor = {name.strip(): value.strip() for name, value in lines.items()}
    system = subprocess.run([*launcher, sys.executable, str(HERE / "llamacpp.py"), "--model", "none", "--figure", "system"],
                            stdout=subprocess.PIPE, check=True)
    return {"processor": processor.get("model name", platform.machine()),
            "instructions": [flag for flag in FLAGS if flag in processor.get("flags", "").split()],
            "cores": os.cpu_count(), "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
            "system": f"Linux {platform.release()}", "llama.cpp": json.loads(system.stdout)["system"],
            "versions": versions()}


def versions():
    """Of those packages that are there: not every benchmark needs all."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def run_imprag(options, launcher):
    """The figures of one run of every benchmark of ImpRAG, in bf16 and, where a quantized model is given, in int8."""
    figures = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lengths:
        lengths.write("".join(f"{length}\n" for length in workload.passage_lengths()))
        lengths.flush()
        for model in filter(None, (options.model, options.int8_model)):
            for subject in ("model", "rag"):
                command = [*launcher, options.imprag, "bench", subject, "--model", model]
                command += ["--threads", str(options.threads), "--json"]
                if subject == "model":
                    command += ["--lengths", lengths.name]
                print(" ".join(command), file=sys.stderr)
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=peers.environment(options.threads))
                figures += [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    return figures


def run_peers(options, launcher):
    """The figures of one run of the peers."""
    run = peers.launch(options.threads, launcher)
    jobs = peers.jobs(options.model, {"bf16": options.gguf_bf16, "q8_0": options.gguf_q8})
    return [peers.measure(job, options.repeats, run) for job in jobs if any(text in job.name for text in options.only)]


def report(runs):
    """What was measured where, and the table."""
    where = runs["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    return "\n".join([f"### {runs['name']}", "",
                      f"{where['processor']} ({', '.join(where['instructions'])}), {where['cores']} cores, "
                      f"{where['memory_gib']} GiB, {where['system']}; threads: {runs['threads']}; {versions}.", "",
                      bar.table(bar.rows(runs["imprag"], runs["peers"]))])


def engine_options(description):
    """A parser of what is measured: the binary, and the model in the formats of all engines."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imprag", metavar="BIN", help="the imprag binary")
    parser.add_argument("--model", metavar="DIR", help="folder that make_model.py wrote")
    parser.add_argument("--int8-model", metavar="DIR", help="folder that `imprag quantize` made of it")
    parser.add_argument("--gguf-bf16", metavar="FILE", help="the same weights, by to_gguf.py")
    parser.add_argument("--gguf-q8", metavar="FILE", help="the same in Q8_0, by to_gguf.py")
    parser.add_argument("--threads", type=int, default=2, help="threads of every engine (default 2)")
    parser.add_argument("--show", type=pathlib.Path, metavar="FILE", help="measure nothing; the table of an earlier result")
    return parser


def main():
    parser = engine_options(__doc__)
    parser.add_argument("--name", help="of the result (default: the model's folder)")
    parser.add_argument("--only", nargs="+", metavar="TEXT", default=[""],
                        help="only those figures of the peers whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=1,
                        help="runs of the peers, each with an ImpRAG run before and after (default 1)")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions within a peer's run (default 3)")
    parser.add_argument("--launcher", default="", help="command before every measured process, such as `taskset -c 0,1`")
    options = parser.parse_args()
    if options.show:
        print(report(json.loads(options.show.read_text())))
        return
    if not (options.imprag and options.model and options.gguf_bf16 and options.gguf_q8):
        parser.error("--imprag, --model, --gguf-bf16 and --gguf-q8 are needed, or --show")
    launcher = shlex.split(options.launcher)
    runs = {"name": options.name or pathlib.Path(options.model).name, "machine": machine(launcher), "threads": options.threads,
            "imprag": run_imprag(options, launcher), "peers": []}
    for _ in range(options.rounds):
        runs["peers"] += run_peers(options, launcher)
        runs["imprag"] += run_imprag(options, launcher)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{runs['name']}.json").write_text(json.dumps(runs, indent=1) + "\n")
    print(report(runs))


if __name__ == "__main__":
    main()
