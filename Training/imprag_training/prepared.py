"""A prepared folder: the passages and questions of a run, tokenised, with the teacher's vectors.

    passages.jsonl        id, title, text
    queries.jsonl         id, kind, text, answers, gold (rows of passages.jsonl), template, evidence where it is given
    teacher-passages.npy  float16 [passages, D], unit length; likewise teacher-queries.npy; neither with BM25 as the teacher
    retrieved.npz         each question's 50 best passages by the model in training, where it has ranked them
    gate.jsonl            text, and for questions template and answer: what is kept out of training to measure the language model by (`gate.py`)
    teacher-best.npz      each question's 50 best passages with scores (1 for the best), and each passage's 16 nearest
"""

from __future__ import annotations

import json
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
    """Both sets of vectors in the `size` directions that keep most of their inner products, unit length again.

    Vectors of that many numbers stay as they are: they may be those of the model that is trained.
    """
    if vectors.shape[1] == size:
        return vectors.astype(np.float32), others.astype(np.float32)
    sample = np.concatenate((vectors, others)).astype(np.float32)
    values, directions = np.linalg.eigh(sample.T @ sample)
    basis = directions[:, np.argsort(values)[::-1][:size]]

    def project(x: np.ndarray) -> np.ndarray:
        y = x.astype(np.float32) @ basis
        return y / np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-6)

    return project(vectors), project(others)


class Prepared:
    """What a run draws its batches from."""

    def __init__(self, folder: Path, layout: Layout, directions: int) -> None:
        """`directions`: how many numbers the model's embeddings have."""
        self.passages, self.queries = read_lines(folder / "passages.jsonl"), read_lines(folder / "queries.jsonl")
        if not (folder / "teacher-best.npz").exists():
            raise ValueError(f"{folder} has no teacher-best.npz: give it a teacher, imprag-teach --data {folder} --teacher bm25 or a directory")
        stored = np.load(folder / "teacher-best.npz")
        self.best_rows, self.best_scores, self.near = stored["rows"], stored["scores"], stored["near"]
        if (len(self.near), len(self.best_rows)) != (len(self.passages), len(self.queries)):
            raise ValueError(
                f"{folder}: the teacher ranked {len(self.near)} passages for {len(self.best_rows)} questions; there are "
                f"{len(self.passages)} and {len(self.queries)}: delete {folder}/teacher-* and let it rank again"
            )
        self.retrieved = np.load(folder / "retrieved.npz")["rows"] if (folder / "retrieved.npz").exists() else None
        # With BM25 there are ranks but no vectors.
        self.passage_targets = self.query_targets = None
        if (folder / "teacher-passages.npy").exists():
            vectors = np.load(folder / "teacher-passages.npy"), np.load(folder / "teacher-queries.npy")
            self.passage_targets, self.query_targets = principal(*vectors, directions)
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
