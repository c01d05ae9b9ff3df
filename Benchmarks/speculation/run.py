"""run.py MODEL: what proposals of several tokens cost and bring, and that they change nothing.

Two `imprag generate`, one with proposals and one without, get the same prompts in turn, one at a time, so that whatever
else happens on the machine happens to both. README.md says what is measured.
"""

import argparse
import json
import random
import statistics
import subprocess
import time
from pathlib import Path


def rows(data, kind, count, tokens, seed=1):
    """Prompts with two passages: `copy`, SQuAD's questions with the passage that answers; `free`, texts to continue that no
    passage has; `spans`, sentences of a passage to continue."""
    passages = {row["id"]: row for row in map(json.loads, (data / "squad/passages.jsonl").open(encoding="utf-8"))}
    questions = [json.loads(line) for line in (data / "squad/qa.dev.jsonl").open(encoding="utf-8")]
    pick = random.Random(seed)
    every = list(passages.values())
    for number, question in enumerate(pick.sample(questions, count)):
        gold = passages[question["passage_id"]]
        others = pick.sample(every, 1)
        prompt = f"Q: {question['question']} A:"
        if kind == "free":
            prompt = " ".join(pick.choice(every)["text"].split()[:20])
            given = others
        else:
            given = [gold, *others]
        if kind == "spans":
            words = gold["text"][:300].split()
            start = pick.randrange(max(1, len(words) - 20))
            prompt = "Repeat: " + " ".join(words[start:start + 8])
        yield {"id": number, "prompt": prompt, "k": 2, "max_tokens": tokens, "encoding": "independent",
               "passages": [{"title": row["title"], "text": row["text"][:300]} for row in given]}


class Engine:
    """One `imprag generate` that answers line by line."""

    def __init__(self, binary, model, threads, *options):
        command = [binary, "generate", "--model", model, "--threads", str(threads), *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def answer(self, line):
        """Returns the reply, the seconds that passed and the processor time of this process, in seconds."""
        before, start = self.processor_time(), time.perf_counter()
        self.process.stdin.write(line)
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        seconds = time.perf_counter() - start
        return json.loads(reply), seconds, self.processor_time() - before

    def processor_time(self):
        """Nanoseconds, as the scheduler counts them for each thread."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def measure(options, kind):
    """Both engines over one kind of prompts."""
    engines = [Engine(options.imprag, options.model, options.threads, *flags) for flags in ([], [options.off])]
    if options.off == "--speculate":
        engines.reverse()
    taken, differing = [], 0
    for place, row in enumerate(rows(options.data, kind, options.count, options.tokens)):
        line = json.dumps(row).encode() + b"\n"
        order = [0, 1] if place % 2 == 0 else [1, 0]
        replies = {which: engines[which].answer(line) for which in order}
        differing += replies[0][0] != replies[1][0]
        # What comes first reads the line and the pages of the weights for the first time.
        if place >= 4:
            taken.append((len(replies[0][0]["tokens"]), *replies[0][1:], *replies[1][1:]))
    for engine in engines:
        engine.process.stdin.close()
        engine.process.wait()
    length = sum(each[0] for each in taken)
    ratio = [sum(each[1] for each in taken) / sum(each[3] for each in taken),
             sum(each[2] for each in taken) / sum(each[4] for each in taken)]
    middle = statistics.median(each[1] / each[3] for each in taken)
    print(f"{kind}: {len(taken)} answers, {length} tokens, {differing} differ; time with proposals over time without: wall "
          f"{ratio[0]:.3f} (median of answers {middle:.3f}), processor {ratio[1]:.3f}", flush=True)
    return {"kind": kind, "answers": len(taken), "tokens": length, "differing": differing, "wall": ratio[0],
            "wall_median": middle, "processor": ratio[1]}


def main():
    """Reads the options, measures, and prints JSON at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--imprag", default="../../.build/release/imprag")
    parser.add_argument("--data", type=Path, required=True, help="a directory with squad/passages.jsonl and squad/qa.dev.jsonl")
    parser.add_argument("--kinds", nargs="*", default=["copy", "free", "spans"])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--off", default="--no-speculate", help=argparse.SUPPRESS)
    options = parser.parse_args()
    print(json.dumps([measure(options, kind) for kind in options.kinds]))


if __name__ == "__main__":
    main()
