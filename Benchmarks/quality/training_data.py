"""The questions and passages that a run of the trainer learnt from, for baselines that learn from the same.

- questions: JSON Lines, `id`, `text`, `answers`, `template` (question or claim), `gold` (row numbers of passages), and
  `evidence` (a text that is no passage) where there is some;
- passages: JSON Lines, `id`, `title`, `text`.
"""

import dataclasses
import json

import numpy

import questions
import retrieval
import sources
import vectors
from bm25 import BM25, best


@dataclasses.dataclass(frozen=True)
class Example:
    """A training question."""

    plain: str
    prompt: str
    answers: tuple
    gold: tuple
    evidence: str


def load(question_file, passage_file):
    """Examples that have an answer, and passages."""
    passages = [
        sources.Passage(row["id"], row.get("title") or "", row["text"])
        for row in map(json.loads, passage_file.open(encoding="utf-8"))
    ]
    examples = []
    for row in map(json.loads, question_file.open(encoding="utf-8")):
        prompt = questions.check(row["text"]) if row.get("template") == "claim" else questions.ask(row["text"])
        if row["answers"]:
            gold, evidence = tuple(row.get("gold") or ()), row.get("evidence") or ""
            examples.append(Example(row["text"], prompt, tuple(row["answers"]), gold, evidence))
    return examples, passages


class Ranker:
    """Ranks the training passages for one example at a time; a model folder's vectors come from `imprag embed`."""

    def __init__(self, retriever, examples, passages, imprag):
        self.retriever = retriever
        if retriever == "BM25":
            self.index = BM25([passage.joined for passage in passages])
        elif retriever != "none":
            encoder = vectors.MiniLM() if retriever == "MiniLM" else vectors.Ours(retriever, imprag)
            self.vectors = encoder.passages(passages)
            self.queries = dict(zip(examples, encoder.queries(examples)))

    def rank(self, example, depth=retrieval.DEPTH):
        """Row numbers, best first."""
        if self.retriever == "none":
            return numpy.zeros(0, dtype=numpy.int64)
        if self.retriever == "BM25":
            return self.index.rank(example.plain, depth)
        return best(self.vectors @ self.queries[example], depth)
