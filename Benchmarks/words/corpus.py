"""Passages of 60 to 100 words made of sentences of real ones, and questions of ten words, for timing lexical search.

    corpus.py DIRECTORY PASSAGES OUT

DIRECTORY holds passages as JSON lines (`passages*.jsonl`, also gzipped, at any depth). Writes OUT/passages.jsonl (id, title, text)
and OUT/questions.txt. The same arguments give the same files.
"""

import gzip
import json
import pathlib
import random
import re
import sys

WORD = re.compile(r"\w+")


def sentences(directory):
    """Every sentence of 5 to 40 words under `directory`, without repeats."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("passages*.jsonl*")):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                for sentence in re.split(r"(?<=[.!?])\s+", json.loads(line)["text"]):
                    if 5 <= len(sentence.split()) <= 40:
                        found[sentence] = None
    return list(found)


def questions(pool, count, rng):
    """Questions of ten words that stand together in two sentences each: as common and as rare as words of the text are."""
    made = []
    while len(made) < count:
        words = [word for sentence in rng.sample(pool, 2) for word in WORD.findall(sentence)[:5]]
        if len(words) == 10:
            made.append(" ".join(words))
    return made


def main(directory, count, out):
    rng = random.Random(7)
    pool = sentences(directory)
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "passages.jsonl", "w", encoding="utf-8") as file:
        for number in range(count):
            text, words, goal = [], 0, rng.randint(60, 100)
            while words < goal:
                sentence = rng.choice(pool)
                text.append(sentence)
                words += len(sentence.split())
            title = " ".join(WORD.findall(rng.choice(pool))[:3])
            file.write(json.dumps({"id": str(number), "title": title, "text": " ".join(text)}) + "\n")
    (out / "questions.txt").write_text("\n".join(questions(pool, 1000, rng)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
