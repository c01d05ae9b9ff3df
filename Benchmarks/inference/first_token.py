"""Where the milliseconds from a prompt to its first token go, in a whole cluster on this machine.

`imprag up` serves an index, and questions are asked one by one, each for one token: once so that the shards keep the states of
all passages that are found; after a restart, so that the generator fetches them; and once more, when it remembers them. Spans of
the requests' traces say when each part began and ended, counters of the nodes how long products with weights took.
"""

import argparse
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

PARTS = ["tokens", "queue", "bottom layers", "search", "hand-over", "passages' tokens", "states", "place", "reading", "first token"]
COUNTER = "imprag_product_microseconds_total"


class Cluster:
    """`imprag up`, and its trace file."""

    def __init__(self, options, directory):
        self.options = options
        self.endpoint = f"ipc://{directory}/coordinator"
        self.traces = pathlib.Path(directory) / "traces"
        command = [options.imprag, "up", "--model", options.model, "--index", options.index, "--endpoint", self.endpoint]
        command += ["--state-budget", "4 GiB", "--trace-file", str(self.traces), "--trace-share", "1", "--no-gateway"]
        command += ["--threads", str(options.threads)]
        self.log = (pathlib.Path(directory) / "log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment())
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            sys.exit(f"the cluster did not start; see {self.log.name}")

    def run(self, *command):
        """The JSON object that `imprag COMMAND` prints."""
        done = subprocess.run(
            [self.options.imprag, *command, "--json", "--endpoint", self.endpoint], stdout=subprocess.PIPE, check=True,
            env=environment())
        return json.loads(done.stdout)

    def ask(self, question):
        """The timings of an answer of one token."""
        words = ["--words", self.options.words] if self.options.words else []
        answer = self.run("ask", question, "--k", str(self.options.k), "--max-tokens", "1", *words)
        return answer["timings_ms"]

    def counters(self):
        """Counters of the coordinator and the generators, by role and name."""
        sums = collections.Counter()
        for node in self.run("status")["nodes"]:
            for metric in node["samples"]:
                if "value" in metric:
                    sums[node["role"], name(metric)] += metric["value"]
        return sums

    def stop(self):
        """Ends it, so that all spans are written; returns them by request."""
        self.process.terminate()
        self.process.wait()
        requests = collections.defaultdict(list)
        for line in self.traces.read_text(encoding="utf-8").splitlines():
            resource = json.loads(line)["resourceSpans"][0]
            for span in resource["scopeSpans"][0]["spans"]:
                requests[span["traceId"]].append(span)
        self.traces.unlink()
        return requests


def environment():
    """Without what would make BLAS choose another kernel."""
    return {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}


def name(metric):
    labels = ",".join(sorted(str(value) for value in metric.get("labels", {}).values()))
    return f"{metric['name']}{{{labels}}}" if labels else metric["name"]


def parts(spans, first_token):
    """Milliseconds of each of `PARTS`, one after the other. `first_token` counts from the request's arrival."""
    bounds = {}
    for span in spans:
        # The generator's share of a request, not the coordinator's view of it.
        if span["name"] == "generate" and span["kind"] != 2:
            continue
        bounds.setdefault(span["name"], (int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])))
    start = bounds["ask"][0]
    ends = [bounds["queue"][0], *(bounds[part][1] for part in ("queue", "bottom_layers", "search")), bounds["generate"][0]]
    ends += [bounds["tokenize"][1], bounds["states"][1], *bounds["read"], start + first_token * 1e6]
    return [(end - begin) / 1e6 for begin, end in zip([start, *ends], ends)]


def measure(cluster, questions):
    """The timings of all questions, and what the counters gained meanwhile."""
    before = cluster.counters()
    timings = [cluster.ask(question) for question in questions]
    gained = cluster.counters()
    gained.subtract(before)
    return timings, gained


def show(title, timings, gained, spans, options):
    """Prints one way of having states, as medians."""
    count = len(timings)
    taken = [timing["first_token"] for timing in timings]
    # A build before these spans has totals alone.
    has_parts = all(any(span["name"] == "read" for span in each) for each in spans)
    by_part = zip(*(parts(each, first) for each, first in zip(spans, taken))) if has_parts else []
    first = statistics.median(taken)
    products = {
        role: gained[role, COUNTER] / 1000 / count / options.threads for role in ("coordinator", "generator")}
    total = sum(products.values())
    figures = {
        "states": title, "questions": count, "first_token_ms": first, "quartiles_ms": statistics.quantiles(taken, n=4),
        "parts_ms": {part: statistics.median(column) for part, column in zip(PARTS, by_part)},
        "timings_ms": {key: statistics.median(timing[key] for timing in timings) for key in timings[0]},
        "products_ms": products, "ratio": first / total if total else None,
        "passages": {source: gained["generator", f"imprag_read_passages_total{{{source}}}"] for source in ("memory", "shard", "text")}}
    print(f"\n{title}: first token after {first:.1f} ms (quartiles {figures['quartiles_ms'][0]:.1f}, {figures['quartiles_ms'][2]:.1f})")
    for part, milliseconds in (figures["parts_ms"] or figures["timings_ms"]).items():
        print(f"  {part:18}{milliseconds:8.2f} ms")
    if total:
        print(f"  products of the coordinator {products['coordinator']:.1f} ms, of the generator {products['generator']:.1f} ms: "
              f"{first / total:.2f} times their sum")
    print("  passages from " + ", ".join(f"{key}: {value}" for key, value in figures["passages"].items()), flush=True)
    return figures


def read_questions(path, count):
    """Questions of JSON lines; of a corpus, a question about the title of every so manieth document."""
    rows = [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    rows = rows[:: max(1, len(rows) // count)][:count]
    return [row.get("question") or f"What is {row['title']} known for?" for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imprag", default="../../.build/release/imprag")
    parser.add_argument("--model", required=True)
    parser.add_argument("--index", required=True, help="of this model; shards keep states beside it")
    parser.add_argument("--questions", required=True, help="JSON lines with `question`, or a corpus")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--k", type=int, default=5)
    parser.add_argument("--words", help="as `imprag ask --words`")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=pathlib.Path, help="where to write the figures")
    options = parser.parse_args()
    questions = read_questions(options.questions, options.count)
    with tempfile.TemporaryDirectory(prefix="first-token-") as directory:
        cluster = Cluster(options, directory)
        for question in questions:
            cluster.ask(question)
        cluster.stop()
        cluster = Cluster(options, directory)
        stored = measure(cluster, questions)
        remembered = measure(cluster, questions)
        asked = [spans for spans in cluster.stop().values() if any(span["name"] == "ask" for span in spans)]
        asked.sort(key=lambda spans: min(int(span["startTimeUnixNano"]) for span in spans))
    count = len(questions)
    figures = [
        show("fetched from shards", *stored, asked[:count], options),
        show("remembered by the generator", *remembered, asked[count:], options)]
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
