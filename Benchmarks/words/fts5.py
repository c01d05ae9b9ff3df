"""How SQLite's FTS5 answers: BM25 over `corpus.py`'s passages, one thread, any of a question's words, the best ten.

    fts5.py CORPUS DATABASE
"""

import json
import os
import re
import sqlite3
import statistics
import sys
import time


def main(corpus, path):
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma cache_size = -262144")
    database.execute("create virtual table words using fts5(text, content='', tokenize='porter unicode61')")
    start, rows = time.time(), 0
    database.execute("begin")
    with open(f"{corpus}/passages.jsonl", encoding="utf-8") as lines:
        for rows, line in enumerate(lines, 1):
            passage = json.loads(line)
            database.execute(
                "insert into words(rowid, text) values (?, ?)", (rows, passage["title"] + "\n" + passage["text"]))
    database.execute("commit")
    print(f"{rows} passages in {time.time() - start:.0f} s, {os.path.getsize(path) / 1e6:.0f} MB")
    with open(f"{corpus}/questions.txt", encoding="utf-8") as lines:
        questions = [line.split() for line in lines]
    for name, skipped in [("all words", set()), ("without stop words", STOP)]:
        times = []
        for words in questions[:200]:
            wanted = " OR ".join(f'"{word}"' for word in words if word.lower() not in skipped)
            if not wanted:
                continue
            begin = time.perf_counter()
            database.execute("select rowid from words where words match ? order by rank limit 10", (wanted,)).fetchall()
            times.append(1000 * (time.perf_counter() - begin))
        times.sort()
        print(f"{name}: p50 {statistics.median(times):.1f} ms, p99 {times[int(0.99 * len(times))]:.1f} ms")


STOP = set(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with"
    .split())

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
