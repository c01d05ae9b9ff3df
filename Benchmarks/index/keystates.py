"""Real key states: passages of the encyclopedia's kinds with invented names, embedded by `imprag embed`.

Passages and questions come from the generator that the example model was trained with (`Training/imprag_training/synthetic.py`),
which needs Debian's iso-codes; the same seed gives the same texts.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
import threading
import time

import numpy as np

GROUP = 8
QUESTIONS_PER_GROUP = 8


def load_world(root, iso_codes, seed):
    """The training generator of the repository at `root`."""
    path = root / "Training" / "imprag_training" / "synthetic.py"
    spec = importlib.util.spec_from_file_location("imprag_synthetic", path)
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.World(root / "Examples" / "encyclopedia", iso_codes, seed)


class Texts:
    """Distinct passages, and questions spread evenly over them."""

    def __init__(self, world, passages, questions):
        self.world, self.wanted, self.questions_wanted = world, passages, questions
        self.questions = {}

    def passages(self):
        """Yields `wanted` rows `{"id", "title", "text"}`; afterwards `questions` holds `questions_wanted` texts."""
        seen, made = set(), 0
        while made < self.wanted or len(self.questions) < self.questions_wanted:
            group = self.world.group(GROUP, QUESTIONS_PER_GROUP, 0.6)
            for title, text in group.passages:
                # Sixteen bytes a passage instead of its text: a million of them stay small.
                key = hashlib.blake2b(f"{title}\n{text}".encode(), digest_size=16).digest()
                if made < self.wanted and key not in seen:
                    seen.add(key)
                    yield {"id": made, "title": title, "text": text}
                    made += 1
            due = self.questions_wanted * made // self.wanted
            for question in group.questions:
                if len(self.questions) < due:
                    self.questions[question.text] = None

    def prompts(self):
        """Yields the questions as `imprag ask` words them; to be read after `passages`."""
        for i, text in enumerate(self.questions):
            yield {"id": i, "text": f"Q: {text} A:"}


def embed(imprag, model, role, rows, count, threads, block=1024):
    """Yields blocks of embeddings, `[at most block, dimension]` float32, in the order of `rows`; says how fast it goes."""
    command = [str(imprag), "embed", "--model", str(model), "--role", role, "--threads", str(threads)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    failures = []

    def feed():
        try:
            with process.stdin:
                for row in rows:
                    process.stdin.write(json.dumps(row, ensure_ascii=False) + "\n")
        except BrokenPipeError:
            pass  # The exit status of `imprag` says why.
        except Exception as failure:
            failures.append(failure)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    start = told = time.monotonic()
    vectors, done = [], 0
    for line in process.stdout:
        vectors.append(np.array(json.loads(line)["embedding"], np.float32))
        done += 1
        if len(vectors) == block:
            yield np.stack(vectors)
            vectors = []
        now = time.monotonic()
        if now - told > 5 or done == count:
            told, rate = now, done / (now - start)
            print(f"  {role}: {done:,} of {count:,}, {rate:,.0f} vectors/s, {(count - done) / rate:,.0f} s left", file=sys.stderr)
    if vectors:
        yield np.stack(vectors)
    feeder.join()
    if failures:
        raise failures[0]
    if process.wait() != 0:
        raise SystemExit(f"{' '.join(command)} failed with status {process.returncode} after {done:,} of {count:,} rows")
