"""The teacher retriever of the warm-up: BM25 over the words of a question and of the candidate passages.

`Teacher` scores the few passages of a batch, `ranked` those of a whole corpus.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict

import numpy as np
import torch
from torch import Tensor

WORD = re.compile(r"\w+(?:-\w+)*")


def words(text: str) -> list[str]:
    """Lower-case words; hyphened ones also count whole (`ph-riz`), since codes look like that."""
    found = []
    for word in WORD.findall(text.casefold()):
        found.append(word)
        if "-" in word:
            found += word.split("-")
    return found


def ranked(questions: list[str], passages: list[str], count: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of each question's `count` best passages, best first, and their scores, `[questions, count]` each."""
    counts = [Counter(words(passage)) for passage in passages]
    lengths = np.array([sum(c.values()) for c in counts], np.float32)
    places: dict[str, list[int]] = defaultdict(list)
    for row, found in enumerate(counts):
        for word in found:
            places[word].append(row)
    norms = Teacher.K1 * (1 - Teacher.B + Teacher.B * lengths / max(1.0, float(lengths.mean())))
    rows = np.empty((len(questions), count), np.int32)
    best = np.empty((len(questions), count), np.float32)
    weights: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for number, question in enumerate(questions):
        scores = np.zeros(len(passages), np.float32)
        for word in set(words(question)):
            if word not in places:
                continue
            if word not in weights:
                at = np.array(places[word])
                frequency = np.array([counts[row][word] for row in at], np.float32)
                inverse = math.log(1 + (len(passages) - len(at) + 0.5) / (len(at) + 0.5))
                weights[word] = at, inverse * frequency * (Teacher.K1 + 1) / (frequency + norms[at])
            at, weight = weights[word]
            scores[at] += weight
        top = np.argpartition(scores, -count)[-count:]
        rows[number] = top[np.argsort(-scores[top], kind="stable")]
        best[number] = scores[rows[number]]
    return rows, best


class Teacher:
    """BM25 with document frequencies from a sample of passages."""

    K1, B = 0.9, 0.4

    def __init__(self, sample: list[str], top: int = 5, floor: float = 0.85) -> None:
        """`top` pseudo-positives at most, each with at least `floor` of the best score."""
        self.top, self.floor = top, floor
        self.count = len(sample)
        self.frequency = Counter(word for text in sample for word in set(words(text)))
        self.mean_length = sum(len(words(text)) for text in sample) / max(1, len(sample))

    def weight(self, word: str) -> float:
        """The word's inverse document frequency."""
        n = self.frequency[word]
        return math.log(1 + (self.count - n + 0.5) / (n + 0.5))

    def scores(self, questions: list[str], passages: list[str]) -> Tensor:
        """BM25 scores `[questions, passages]`."""
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, passage in enumerate(passages):
            found = words(passage)
            norm = self.K1 * (1 - self.B + self.B * len(found) / self.mean_length)
            for word, n in Counter(found).items():
                postings[word].append((index, n * (self.K1 + 1) / (n + norm)))
        out = torch.zeros(len(questions), len(passages))
        for row, question in enumerate(questions):
            for word in set(words(question)):
                weight = self.weight(word)
                if weight < 0.5:
                    continue
                for index, share in postings.get(word, ()):
                    out[row, index] += weight * share
        return out

    def positives(self, questions: list[str], passages: list[str]) -> Tensor:
        """Pseudo-positives `[questions, passages]`, true where a passage is among the best `top` and near the best."""
        scores = self.scores(questions, passages)
        best, places = scores.topk(min(self.top, scores.shape[1]), 1)
        near = (best >= self.floor * best[:, :1]) & (best > 0)
        return torch.zeros_like(scores, dtype=torch.bool).scatter_(1, places, near)
