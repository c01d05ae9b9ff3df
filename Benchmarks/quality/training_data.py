"""The questions and passages that a run of the trainer learnt from, for baselines that learn from the same.

- questions: JSON Lines, `id`, `kind`, `text`, `answers`, `template` (question or claim), `gold` (row numbers of passages),
  and `evidence` (a text that is no passage) where there is some;
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

    kind: str
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
            examples.append(Example(row.get("kind", ""), row["text"], prompt, tuple(row["answers"]), gold, evidence))
    return examples, passages


class Draws:
    """Draws examples as the trainer's recipe does: a kind by its weight, then one of its questions. Without a recipe, any."""

    def __init__(self, examples, recipe, weights):
        """`weights`: `kinds` or `read_kinds` of the recipe; kinds that no example has are passed over."""
        by_kind = {}
        for example in examples:
            by_kind.setdefault(example.kind, []).append(example)
        wanted = json.loads(recipe.read_text())[weights] if recipe else {kind: len(by_kind[kind]) for kind in by_kind}
        self.kinds = [by_kind[kind] for kind in wanted if kind in by_kind]
        self.weights = [wanted[kind] for kind in wanted if kind in by_kind]
        if not self.kinds:
            raise SystemExit(f"{recipe}: {weights} names no kind of question that there is: {', '.join(sorted(by_kind))}")

    def draw(self, rng):
        return rng.choice(rng.choices(self.kinds, self.weights)[0])


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
