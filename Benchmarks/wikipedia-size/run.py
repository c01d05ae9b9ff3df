#!/usr/bin/env python3
"""Makes, serves and measures collections of up to Wikipedia's size; README.md explains the steps."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import numpy as np

import rows as made
import shards

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("IMPRAG_CACHE", pathlib.Path.home() / ".cache" / "imprag"))
SIZES = ["200k", "1m", "5m", "12m", "37.5m"]
SAMPLE, QUERIES = 400, 1000
WORDS = 100


def count_of(text):
    """`200k` is 200,000; `37.5m` is 37,500,000."""
    units = {"k": 1000, "m": 1_000_000}
    unit = units.get(text[-1].lower(), 1)
    return round(float(text[:-1] if unit > 1 else text) * unit)


class Run:
    """One size, in a folder of its own; every step leaves files by which it is known to be done."""

    def __init__(self, options, size):
        self.options, self.size, self.rows = options, size, count_of(size)
        self.work = options.work
        codes = f"-codes-{options.code_bytes}" if options.code_bytes else ""
        self.folder = options.work / f"{size}-{options.partitions}{codes}"
        self.code_options = ["--code-bytes", options.code_bytes] if options.code_bytes else []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = options.store.format(size=size) if options.store else str(self.folder / "store")

    def say(self, text):
        print(f"{self.size}: {text}", file=sys.stderr, flush=True)

    def imprag(self, *arguments, **more):
        return subprocess.run([self.options.imprag, *map(str, arguments)], check=True, text=True, **more)

    # ------------------------------------------------------------------------------------------ states

    def states(self):
        """Key states of the articles and query states of prompts made from them, by the model: `keys.npy`, `queries.npy`."""
        keys, queries = self.work / "keys.npy", self.work / "queries.npy"
        if keys.exists() and queries.exists():
            return np.load(keys), np.load(queries)
        passages, prompts = [], []
        for line in open(self.options.articles):
            article = json.loads(line)
            words = article["text"].split()
            for start in range(0, len(words), WORDS):
                text = " ".join(words[start : start + WORDS])
                row = len(passages)
                passages.append({"id": row, "title": article.get("title", ""), "text": text})
                if row % 4 == 0:
                    prompts.append({"id": row, "text": f"Q: {text.split('. ')[0]}? A:"})
        np.save(keys, self.embed(passages, "passage"))
        np.save(queries, self.embed(prompts, "query"))
        return np.load(keys), np.load(queries)

    def embed(self, texts, role):
        self.say(f"embedding {len(texts)} texts")
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        output = self.imprag("embed", "--model", self.options.model, "--role", role, input=lines, stdout=subprocess.PIPE).stdout
        return np.array([json.loads(line)["embedding"] for line in output.splitlines()], np.float32)

    def split(self, queries):
        """Calibration's queries, and those that are measured: both from all over the articles."""
        order = np.random.default_rng(self.options.seed).permutation(len(queries))
        return queries[order[:SAMPLE]], queries[order[SAMPLE : SAMPLE + QUERIES]]

    # ------------------------------------------------------------------------------------------ building

    def build(self):
        """Every partition: its rows, the truth among them, its part of the collection; then the rows go."""
        keys, queries = self.states()
        sample, queries = self.split(queries)
        sample_file = self.folder / "sample.fbin"
        writer = made.Writer(sample_file, *sample.shape)
        writer.write(sample)
        writer.close()
        generator = made.Rows(keys, self.options.seed)
        for partition in range(self.options.partitions):
            self.part(partition, generator, queries, sample_file)

    def part(self, partition, generator, queries, sample_file):
        report, truth = self.folder / f"build-{partition}.json", self.folder / f"truth-{partition}.npz"
        if report.exists() and truth.exists():
            return
        first = self.rows * partition // self.options.partitions
        count = self.rows * (partition + 1) // self.options.partitions - first
        base = self.folder / "base.fbin"
        start = time.monotonic()
        writer = made.Writer(base, count, queries.shape[1])
        best, done = made.Truth(queries), 0
        for block in generator.blocks(partition, count):
            block = made.rounded(block)
            writer.write(block)
            best.add(block, first + done)
            done += len(block)
        writer.close()
        np.savez(truth, ids=best.ids, exact=best.exact)
        self.say(f"partition {partition}: {count} rows made in {time.monotonic() - start:.0f} s")
        start = time.monotonic()
        output = self.imprag(
            "bench", "collection", "--store", self.store, "--work", self.folder / "work", "--base", base,
            "--partition", partition, "--partitions", self.options.partitions, "--first-row", first,
            "--sample", sample_file, "--fingerprint", self.fingerprint(), *self.code_options,
            stdout=subprocess.PIPE).stdout
        figures = json.loads(output) | {"wall_seconds": time.monotonic() - start}
        base.unlink()
        report.write_text(json.dumps(figures) + "\n")
        self.say(f"partition {partition}: built in {figures['wall_seconds']:.0f} s")

    def fingerprint(self):
        return (ROOT / "Models" / "wiki-135m" / "fingerprint").read_text().split()[0]

    # ------------------------------------------------------------------------------------------ serving

    def cluster_file(self):
        """Two shards that hold half of the partitions each; the other roles are named and not started."""
        half = (self.options.partitions + 1) // 2
        nodes = [
            {"name": f"shard-{number}", "role": "shard", "listen": f"ipc://{self.folder}/s{number}",
             "partitions": list(range(number * half, min((number + 1) * half, self.options.partitions))),
             "data": f"{self.folder}/data-{number}", "recall": self.options.recall, "recall_meter_share": 0}
            for number in range(2)]
        nodes += [{"name": "c", "role": "coordinator", "listen": f"ipc://{self.folder}/c"},
                  {"name": "g", "role": "generator", "listen": f"ipc://{self.folder}/g"}]
        path = self.folder / "cluster.json"
        path.write_text(json.dumps({
            "partitions": self.options.partitions, "index": self.store, "model": str(self.options.model), "nodes": nodes}))
        return path

    def serve(self):
        """Starts the shards with empty disks and again, searches, and writes `served.json`."""
        result = self.folder / "served.json"
        if result.exists():
            return
        config = self.cluster_file()
        for number in range(2):
            shutil.rmtree(self.folder / f"data-{number}", ignore_errors=True)
        children, empty = self.start(config)
        self.stop(children)
        children, ready = self.start(config)
        try:
            figures = {"size": self.size, "rows": self.rows, "partitions": self.options.partitions,
                       "code_bytes": self.options.code_bytes,
                       "empty_ready_seconds": empty, "ready_seconds": ready} | self.measure(children)
        finally:
            self.stop(children)
        result.write_text(json.dumps(figures, indent=1) + "\n")

    def start(self, config):
        """The shards' processes, and the seconds until the last of them was ready."""
        start = time.monotonic()
        children = [
            subprocess.Popen([self.options.imprag, "shard", "--config", config, "--node", f"shard-{number}"],
                             stdout=subprocess.PIPE, stderr=open(self.folder / f"shard-{number}.log", "a"), text=True)
            for number in range(2)]
        for number, child in enumerate(children):
            line = child.stdout.readline()
            if not line.startswith("ready"):
                self.stop(children)
                raise SystemExit(f"shard-{number} did not start: {self.folder}/shard-{number}.log")
        return children, time.monotonic() - start

    def stop(self, children):
        for child in children:
            child.send_signal(signal.SIGINT)
        for child in children:
            child.wait()

    def measure(self, children):
        _, queries = self.split(self.states()[1])
        parts = [np.load(self.folder / f"truth-{partition}.npz") for partition in range(self.options.partitions)]
        truth = made.merged(parts)
        client = shards.Shards(
            [f"ipc://{self.folder}/s{number}" for number in range(2)], self.work, bytes.fromhex(self.fingerprint()))
        try:
            passes = []
            for number in range(1 + self.options.repeats):
                times, found = [], 0
                for query, right in zip(queries, truth):
                    begun = time.perf_counter()
                    hits = client.search(query)
                    times.append(1000 * (time.perf_counter() - begun))
                    found += len(set(hits) & set(right.tolist()))
                times.sort()
                passes.append({"p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100],
                               "recall": found / truth.size})
                self.say(f"pass {number}: {passes[-1]}")
            warm = sorted(passes[1:], key=lambda each: each["p50_ms"])[len(passes[1:]) // 2]
            processor = sum(cpu_seconds(child.pid) for child in children)
            return {"first_pass": passes[0], "warm": warm, "index_bytes": client.samples("imprag_index_bytes"),
                    "anonymous_bytes": sum(anonymous_bytes(child.pid) for child in children),
                    "search_core_seconds": self.processor(client, queries, children), "cpu_seconds": processor}
        finally:
            client.close()

    def processor(self, client, queries, children):
        before = sum(cpu_seconds(child.pid) for child in children)
        for query in queries:
            client.search(query)
        return (sum(cpu_seconds(child.pid) for child in children) - before) / len(queries)

    # ------------------------------------------------------------------------------------------ the table

    def figures(self):
        """What was measured, beside the plan; nil before `serve`."""
        path = self.folder / "served.json"
        if not path.exists():
            return None
        served = json.loads(path.read_text())
        builds = [json.loads((self.folder / f"build-{part}.json").read_text()) for part in range(self.options.partitions)]
        plan = json.loads(self.imprag(
            "plan", "--passages", self.rows, "--model", self.options.model, "--recall", self.options.recall, "--qps", 1,
            "--partitions", self.options.partitions, "--replicas", 1, "--lexical", "off", "--machine-memory", "1TiB",
            "--machine-cores", os.cpu_count(), *self.code_options, "--json", stdout=subprocess.PIPE).stdout)
        memory = plan["nodes"][0]["memory"]
        served["build_seconds"] = sum(build["seconds"] for build in builds)
        served["store_bytes"] = sum(build["checkpoint_bytes"] for build in builds)
        served["planned"] = {
            "build_seconds": plan["index_seconds"], "ready_seconds": plan["ready_seconds"],
            "index_bytes": memory["codes and lists"], "p50_ms": 1000 * plan["search_p50_seconds"],
            "p99_ms": 1000 * plan["search_p99_seconds"], "search_core_seconds": plan["search_core_seconds"],
            "store_bytes": plan["stored"]["vectors"] + plan["stored"]["codes and lists"] + 60 * self.rows}
        return served


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    return 0


def table(all_figures):
    lines = ["| rows | codes, bytes | built, s | codes and lists, MB | bytes a row | processes, MB | ready, s | empty disk, s "
             "| recall@10 | p50, ms | p99, ms | core ms a search |", "|" + "---|" * 12]
    for each in all_figures:
        plan, warm = each["planned"], each["warm"]
        lines.append(
            f"| {each['rows']:,} | {each.get('code_bytes') or 128} | {each['build_seconds']:.0f} ({plan['build_seconds']:.0f}) "
            f"| {each['index_bytes'] / 1e6:.0f} ({plan['index_bytes'] / 1e6:.0f}) "
            f"| {each['index_bytes'] / each['rows']:.1f} | {each['anonymous_bytes'] / 1e6:.0f} "
            f"| {each['ready_seconds']:.2f} ({plan['ready_seconds']:.2f}) | {each['empty_ready_seconds']:.1f} "
            f"| {warm['recall']:.3f} | {warm['p50_ms']:.2f} ({plan['p50_ms']:.2f}) | {warm['p99_ms']:.2f} ({plan['p99_ms']:.2f}) "
            f"| {1000 * each['search_core_seconds']:.2f} ({1000 * plan['search_core_seconds']:.2f}) |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["states", "build", "serve", "all", "clean", "table"])
    parser.add_argument("sizes", nargs="*", default=SIZES, help=f"default: {' '.join(SIZES)}")
    parser.add_argument("--imprag", default=str(ROOT / ".build" / "release" / "imprag"))
    parser.add_argument("--model", type=pathlib.Path, default=CACHE / "wiki-135m", help="as `make model` fetches it")
    parser.add_argument("--articles", type=pathlib.Path, default=CACHE / "wiki-en.jsonl", help="as `make wiki-corpus` does")
    parser.add_argument("--work", type=pathlib.Path, default=CACHE / "wikipedia-size")
    parser.add_argument("--store", help="s3://BUCKET/PREFIX-{size}; default: a directory in --work")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--code-bytes", type=int, choices=[32, 64, 128], help="of a vector's code in memory; default: 128")
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, help="write the table's figures there as JSON")
    options = parser.parse_args()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    runs = [Run(options, size) for size in options.sizes]
    if options.step == "table":
        figures = [each for each in (run.figures() for run in runs) if each]
        print(table(figures))
        if options.out:
            options.out.write_text(json.dumps(figures, indent=1) + "\n")
        return
    for run in runs:
        if options.step == "clean":
            for name in ("store", "data-0", "data-1", "work"):
                shutil.rmtree(run.folder / name, ignore_errors=True)
            continue
        if options.step == "states":
            run.states()
        if options.step in ("build", "all"):
            run.build()
        if options.step in ("serve", "all"):
            run.serve()


if __name__ == "__main__":
    main()
