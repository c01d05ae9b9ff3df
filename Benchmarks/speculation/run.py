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


class Turn:
    """One prompt's answers with proposals and without, each as a pair of what `answer` returned: of one token, and whole."""

    def __init__(self, proposing, plain):
        reply = proposing[1][0]
        self.tokens, self.proposed, self.accepted = len(reply["tokens"]), reply["proposed_tokens"], reply["accepted_tokens"]
        # Seconds and processor time of whole answers, and seconds behind their first tokens: with proposals, and without.
        self.wall, self.processor = (proposing[1][1], plain[1][1]), (proposing[1][2], plain[1][2])
        self.behind_first = (proposing[1][1] - proposing[0][1], plain[1][1] - plain[0][1])


def ratio(taken, times):
    """Of all turns' times with proposals to those without."""
    return sum(times(turn)[0] for turn in taken) / sum(times(turn)[1] for turn in taken)


def measure(options, kind):
    """Both engines over one kind of prompts."""
    engines = [Engine(options.imprag, options.model, options.threads, *flags) for flags in ([], [options.off])]
    if options.off == "--speculate":
        engines.reverse()
    taken, differing = [], 0
    for place, row in enumerate(rows(options.data, kind, options.count, options.tokens)):
        # What one token takes is reading; the rest is what proposals are about.
        lines = [json.dumps({**row, "max_tokens": tokens}).encode() + b"\n" for tokens in (1, options.tokens)]
        order = [0, 1] if place % 2 == 0 else [1, 0]
        replies = {which: [engines[which].answer(line) for line in lines] for which in order}
        differing += any(replies[0][1][0][name] != replies[1][1][0][name] for name in ("text", "tokens"))
        # What comes first reads the line and the pages of the weights for the first time.
        if place >= 4:
            taken.append(Turn(replies[0], replies[1]))
    for engine in engines:
        engine.process.stdin.close()
        engine.process.wait()
    length, proposed, accepted = (sum(getattr(turn, name) for turn in taken) for name in ("tokens", "proposed", "accepted"))
    long = [turn for turn in taken if turn.tokens > 1]
    result = {"kind": kind, "answers": len(taken), "tokens": length, "proposed": proposed, "accepted": accepted,
              "differing": differing, "wall": ratio(taken, lambda turn: turn.wall),
              "wall_median": statistics.median(turn.wall[0] / turn.wall[1] for turn in taken),
              "processor": ratio(taken, lambda turn: turn.processor),
              "behind_first": ratio(long, lambda turn: turn.behind_first),
              "tokens_per_second": [(length - len(taken)) / sum(turn.behind_first[which] for turn in long) for which in (0, 1)]}
    print(f"{kind}: {len(taken)} answers, {length} tokens, {proposed} proposed, {accepted} right, {differing} differ; time with "
          f"proposals over time without: wall {result['wall']:.3f} (median of answers {result['wall_median']:.3f}), processor "
          f"{result['processor']:.3f}; behind the first token {result['behind_first']:.3f}, "
          "{:.1f} and {:.1f} tokens/s".format(*result["tokens_per_second"]), flush=True)
    return result


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
