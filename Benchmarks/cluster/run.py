#!/usr/bin/env python3
"""Measures the main job on the embedded default: indexing, start-up, first tokens.

usage: Benchmarks/cluster/run.py [--imprag .build/release/imprag] [--questions 200]

Prints a table and writes nothing outside a temporary directory. Uses the standard library only.
"""

import argparse
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "Models/encyclopedia-tiny"
CORPUS = ROOT / "Examples/encyclopedia/passages.jsonl"
QUESTIONS = ROOT / "Examples/encyclopedia/questions.jsonl"


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def run(imprag: str, directory: Path, count: int) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    index = directory / "index"
    rows: list[tuple[str, str]] = [("machine", f"{processor()}, {os.cpu_count()} cores")]

    rates = []
    for attempt in range(3):
        made = subprocess.run(
            [imprag, "index", "--model", MODEL, "--corpus", CORPUS, "--out", f"{index}-{attempt}", "--partitions", "2"],
            capture_output=True, text=True, check=True, env=environment)
        rates.append(re.search(r"(\d+) passages/s; (\d+) % of the time in the model, (\d+) % in matrix", made.stdout))
    rates.sort(key=lambda match: int(match[1]))
    median = rates[1]
    passages = sum(1 for _ in CORPUS.open())
    rows.append(("index", f"{passages} passages, {median[1]}/s, {median[3]} % of the time in matrix products (median of 3)"))

    endpoint = f"ipc://{directory}/coordinator"
    starts = []
    for attempt in range(3):
        begin = time.monotonic()
        cluster = subprocess.Popen(
            [imprag, "up", "--model", MODEL, "--index", f"{index}-0", "--endpoint", endpoint],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        cluster.stdout.readline()
        starts.append(time.monotonic() - begin)
        if attempt < 2:
            cluster.send_signal(signal.SIGINT)
            cluster.wait()
    rows.append(("up until ready", f"{statistics.median(starts):.2f} s (median of 3)"))

    try:
        firsts, totals, right = [], [], 0
        for line in QUESTIONS.read_text().splitlines()[:: max(1, 1647 // count)][:count]:
            question = json.loads(line)
            asked = subprocess.run(
                [imprag, "ask", "--endpoint", endpoint, "--json", question["question"]],
                capture_output=True, text=True, check=True, env=environment)
            answer = json.loads(asked.stdout)
            firsts.append(answer["timings_ms"]["first_token"])
            totals.append(answer["timings_ms"]["total"])
            right += answer["answer"].strip().lower() in [text.lower() for text in question["answers"]]
        rows.append((f"first token, {len(firsts)} questions one by one",
                     f"p50 {percentile(firsts, 0.5):.1f} ms, p99 {percentile(firsts, 0.99):.1f} ms"))
        rows.append(("whole answer", f"p50 {percentile(totals, 0.5):.1f} ms, p99 {percentile(totals, 0.99):.1f} ms"))
        rows.append(("answers equal to the expected text", f"{100 * right / len(firsts):.1f} %"))
    finally:
        cluster.send_signal(signal.SIGINT)
        cluster.wait()

    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imprag", default=str(ROOT / ".build/release/imprag"))
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run(arguments.imprag, Path(temporary), arguments.questions)
