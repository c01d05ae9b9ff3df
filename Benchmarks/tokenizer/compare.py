#!/usr/bin/env python3
"""Times ImpRAG's tokenizer and the `tokenizers` package on the same text, one thread each, in one run.

    python3 Benchmarks/tokenizer/compare.py --tokenizer tokenizer.json[.gz] --text text.txt[.gz] [more texts]

Fails when the two do not give the same ids, when ImpRAG's is slower, or when it is below 5 MB/s.
Needs: pip install tokenizers; a Swift toolchain.
"""

import argparse
import gzip
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

# Before the package is imported: it reads them when it starts its threads.
os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(path):
    data = pathlib.Path(path).read_bytes()
    return gzip.decompress(data) if path.endswith(".gz") else data


def time_package(file, documents, rounds):
    """Processor seconds: loading, and every round; then the number of ids and their checksum."""
    start = time.process_time()
    tokenizer = tokenizers.Tokenizer.from_file(str(file))
    load = time.process_time() - start
    times = []
    for _ in range(rounds):
        start = time.process_time()
        encodings = [tokenizer.encode(document, add_special_tokens=False) for document in documents]
        times.append(time.process_time() - start)
    count = checksum = 0
    for encoding in encodings:
        count += len(encoding.ids)
        for token in encoding.ids:
            checksum = (checksum * 31 + token) & 0xFFFFFFFF
    return {"load": load, "rounds": times, "ids": count, "checksum": checksum}


def time_imprag(binary, file, text, rounds, mode):
    command = [binary, str(file), str(text), str(rounds), mode]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", required=True, help="a tokenizer.json, may be gzipped")
    parser.add_argument("--text", required=True, nargs="+", help="UTF-8 texts, may be gzipped; joined")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", help="a built TokenizerBenchmark; without it, it is built")
    options = parser.parse_args()

    binary = options.binary
    if binary is None:
        build = ["swift", "build", "-c", "release", "--product", "TokenizerBenchmark"]
        subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
        shown = subprocess.run(build + ["--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
        binary = os.path.join(shown.stdout.strip(), "TokenizerBenchmark")

    failures = []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "tokenizer.json")
        file.write_bytes(read(options.tokenizer))
        text = pathlib.Path(folder, "text.txt")
        text.write_bytes(b"".join(read(path) for path in options.text))
        string = text.read_bytes().decode("utf-8")
        megabytes = text.stat().st_size / 1e6

        print(f"{processor()}, one thread; {megabytes:.2f} MB of text; best of {options.rounds} rounds, processor time")
        print(f"tokenizers {tokenizers.__version__} beside ImpRAG")
        print()
        print(f"{'input':<12} {'ids':>9}  {'tokenizers MB/s':>15}  {'ImpRAG MB/s':>11}  {'ratio':>6}")
        for mode in ["whole", "paragraphs"]:
            documents = [string] if mode == "whole" else string.split("\n\n")
            package = time_package(file, documents, options.rounds)
            imprag = time_imprag(binary, file, text, options.rounds, mode)
            speeds = [megabytes / min(result["rounds"]) for result in (package, imprag)]
            print(
                f"{mode:<12} {imprag['ids']:>9}  {speeds[0]:>15.2f}  {speeds[1]:>11.2f}  {speeds[1] / speeds[0]:>6.1f}",
                flush=True,
            )
            if any(package[key] != imprag[key] for key in ("ids", "checksum")):
                failures.append(f"{mode}: the ids differ")
            if speeds[1] <= speeds[0] or speeds[1] < 5:
                failures.append(f"{mode}: too slow")
        print()
        print(f"loading tokenizer.json: tokenizers {package['load']:.3f} s, ImpRAG {imprag['load']:.3f} s")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
