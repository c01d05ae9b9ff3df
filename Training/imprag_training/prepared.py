"""A prepared folder: the passages and questions of a run, tokenised, with the teacher's vectors.

    passages.jsonl        id, title, text
    queries.jsonl         id, kind, text, answers, gold (rows of passages.jsonl), template, evidence where it is given
    teacher-passages.npy  float16 [passages, D], unit length; likewise teacher-queries.npy
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from .text import Layout, question_prompt

TEMPLATES = {
    "question": question_prompt,
    "claim": lambda text: f"Is this statement true? {text} A:",
    "slot": lambda text: f"{text} Provide the answer corresponding to the relation specified after [SEP] for the entity mentioned before [SEP] A:",
    "plain": lambda text: text,
}


def read_lines(path: Path) -> list[dict]:
    """The objects of a JSON lines file; lines end at LF only."""
    with path.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file if line.strip()]


def principal(vectors: np.ndarray, others: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Both sets of vectors in the `size` directions that keep most of the passages' inner products, unit length again."""
    sample = np.concatenate((vectors, others)).astype(np.float32)
    values, directions = np.linalg.eigh(sample.T @ sample)
    basis = directions[:, np.argsort(values)[::-1][:size]]

    def project(x: np.ndarray) -> np.ndarray:
        y = x.astype(np.float32) @ basis
        return y / np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-6)

    return project(vectors), project(others)


def best(queries: np.ndarray, passages: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Per query the rows of its `count` best passages, best first, and their scores."""
    rows = np.empty((len(queries), count), np.int32)
    scores = np.empty((len(queries), count), np.float16)
    wide = np.ascontiguousarray(passages.astype(np.float32).T)
    for start in range(0, len(queries), 512):
        s = queries[start : start + 512].astype(np.float32) @ wide
        top = np.argpartition(s, -count, 1)[:, -count:]
        order = np.argsort(-np.take_along_axis(s, top, 1), 1, kind="stable")
        rows[start : start + 512] = np.take_along_axis(top, order, 1)
        scores[start : start + 512] = np.take_along_axis(s, rows[start : start + 512], 1)
    return rows, scores


class Prepared:
    """What a run draws its batches from."""

    def __init__(self, folder: Path, layout: Layout, directions: int) -> None:
        """`directions`: how many numbers the model's embeddings have."""
        self.passages, self.queries = read_lines(folder / "passages.jsonl"), read_lines(folder / "queries.jsonl")
        passages = np.load(folder / "teacher-passages.npy")
        queries = np.load(folder / "teacher-queries.npy")
        if (len(passages), len(queries)) != (len(self.passages), len(self.queries)):
            raise ValueError(
                f"{folder}: teacher vectors of {len(passages)} passages and {len(queries)} queries do not belong to "
                f"{len(self.passages)} and {len(self.queries)}; make them again"
            )
        self.passage_targets, self.query_targets = principal(passages, queries, directions)
        cache = folder / "teacher-best.npz"
        if not cache.exists():
            rows, scores = best(queries, passages, 50)
            near, _ = best(passages, passages, 16)
            np.savez(cache, rows=rows, scores=scores, near=near)
        stored = np.load(cache)
        self.best_rows, self.best_scores, self.near = stored["rows"], stored["scores"], stored["near"]
        self.corpus_count = len(self.passages)
        # Evidence given with a claim is read like a passage, but nobody retrieves it.
        for query in self.queries:
            if query.get("evidence"):
                query["gold"] = [len(self.passages)]
                self.passages.append({"id": f"evidence:{query['id']}", "title": query.get("title"), "text": query["evidence"]})
        self.passage_ids = layout.passages([(p["title"], p["text"]) for p in self.passages])
        self.prompt_ids = layout.prompts([TEMPLATES[q["template"]](q["text"]) for q in self.queries])
        self.answer_ids = layout.answers([self._answer(q) for q in self.queries])
        self.by_kind: dict[str, list[int]] = defaultdict(list)
        self.asked: dict[int, list[int]] = defaultdict(list)
        for row, query in enumerate(self.queries):
            self.by_kind[query["kind"]].append(row)
            for passage in query["gold"]:
                self.asked[passage].append(row)

    def _answer(self, query: dict) -> str:
        """The answer to learn: the one that stands in the passage, else the first."""
        texts = [self.passages[i]["text"] for i in query["gold"]]
        return next((a for a in query["answers"] if any(a in t for t in texts)), query["answers"][0])

    def sentences(self, row: int) -> list[str]:
        """The sentences of a passage, roughly."""
        return [s for s in re.split(r"(?<=[.!?])\s+", self.passages[row]["text"]) if len(s) > 20]
