"""Recall of the lexical index beside a BM25 of its own, made as Pyserini's (Lucene's English analyzer, k1 0.9, b 0.4).

    recall.py DATA BENCHMARK WORK

DATA holds SETS' `passages.jsonl` and `squad/qa.dev.jsonl`; BENCHMARK is the program WordsBenchmark; WORK a directory for scratch files.
Needs PyPI's snowballstemmer for Porter's algorithm.
"""

import collections
import gzip
import json
import math
import pathlib
import re
import subprocess
import sys

import snowballstemmer

SETS = ["squad", "nq", "hotpotqa", "musique", "squadshifts", "selqa", "wiki"]
STOP = set(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with"
    .split())
WORD = re.compile(r"[^\W_]+(?:(?:['’.](?=[^\W\d_])|[.,;'’](?=\d)|_)[^\W_]+)*")
DEPTHS = [1, 5, 20]
STEMMER = snowballstemmer.stemmer("porter")


def terms(text):
    words = (re.sub(r"['’]s$", "", word.lower()) for word in WORD.findall(text))
    return [STEMMER.stemWord(word) for word in words if word and word not in STOP]


class BM25:
    def __init__(self, texts):
        self.lengths, self.postings = [], collections.defaultdict(list)
        for row, text in enumerate(texts):
            found = terms(text)
            self.lengths.append(len(found))
            for term, count in collections.Counter(found).items():
                self.postings[term].append((row, count))
        self.average = sum(self.lengths) / len(self.lengths)

    def search(self, question, depth):
        scores = collections.Counter()
        for term in set(terms(question)):
            rows = self.postings.get(term, [])
            weight = math.log(1 + (len(self.lengths) - len(rows) + 0.5) / (len(rows) + 0.5))
            for row, count in rows:
                scores[row] += weight * count / (count + 0.9 * (0.6 + 0.4 * self.lengths[row] / self.average))
        return sorted(scores, key=lambda row: (-scores[row], row))[:depth]


def passages(data):
    for name in SETS:
        path = pathlib.Path(data, name, "passages.jsonl")
        packed = path.with_suffix(".jsonl.gz")
        with open(path, encoding="utf-8") if path.exists() else gzip.open(packed, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def main(data, benchmark, work):
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    all_passages = list(passages(data))
    with open(pathlib.Path(data, "squad/qa.dev.jsonl"), encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    corpus = "".join(json.dumps({key: passage[key] for key in ("id", "title", "text")}) + "\n" for passage in all_passages)
    asked = work / "questions.txt"
    asked.write_text("".join(" ".join(question["question"].split()) + "\n" for question in questions), encoding="utf-8")
    found = subprocess.run(
        [benchmark, str(work / "partition"), str(asked), str(max(DEPTHS))], input=corpus, capture_output=True, text=True,
        check=True).stdout.split("\n")
    ours = [line.split("\t") for line in found]
    index = BM25(passage["title"] + "\n" + passage["text"] for passage in all_passages)
    theirs = [[all_passages[row]["id"] for row in index.search(question["question"], max(DEPTHS))] for question in questions]
    print(f"{len(all_passages)} passages, {len(questions)} questions")
    for name, lists in [("BM25 as Pyserini's", theirs), ("words", ours)]:
        shares = [
            sum(question["passage_id"] in best[:depth] for question, best in zip(questions, lists)) / len(questions)
            for depth in DEPTHS
        ]
        print(name + ": " + ", ".join(f"recall@{depth} {100 * share:.1f}" for depth, share in zip(DEPTHS, shares)))
    same = sum(a[0] == b[0] for a, b in zip(ours, theirs)) / len(questions)
    print(f"the same best passage: {100 * same:.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:4])
