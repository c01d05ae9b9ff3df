"""Scores of answers and of rankings, and how sure they are."""

import collections
import functools
import math
import re
import string

import numpy

PUNCTUATION = set(string.punctuation)


def words(text, separator=""):
    """The words of `text` in SQuAD's normal form; punctuation becomes `separator`.

    Source: `normalize_answer` of the SQuAD 1.1 evaluation script (Rajpurkar et al., EMNLP 2016), as `imprag eval` has it.
    """
    kept = "".join(separator if c in PUNCTUATION else c for c in text.lower())
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def exact_match(text, answers):
    """Whether `text` is one of `answers`."""
    return any(words(text) == words(answer) for answer in answers)


def f1(text, answers):
    """The best F1 of the words of `text` against one of `answers`, as SQuAD counts it."""

    def one(answer):
        said, wanted = words(text), words(answer)
        common = sum((collections.Counter(said) & collections.Counter(wanted)).values())
        return 2 * common / (len(said) + len(wanted)) if common else float(said == wanted)

    return max(map(one, answers))


@functools.lru_cache(maxsize=200_000)
def _padded(text, separator):
    return f" {' '.join(words(text, separator))} "


class Finder:
    """Looks for one of several answers inside texts, as whole words, as `imprag eval` does: with punctuation deleted, and
    with punctuation as a border between words."""

    def __init__(self, answers):
        self.wanted = {
            separator: [padded for padded in (_padded(answer, separator) for answer in answers) if padded.strip()]
            for separator in ("", " ")
        }

    def inside(self, text):
        return any(answer in _padded(text, separator) for separator, wanted in self.wanted.items() for answer in wanted)

    def within(self, passage):
        """Whether an answer stands in the text or in the title."""
        return self.inside(passage.text) or self.inside(passage.title)


def contains(text, answers):
    """Whether one of `answers` stands inside `text` as whole words."""
    return Finder(answers).inside(text)


def interval(values, rounds=2000, seed=1, level=0.95):
    """Mean of `values` and the bounds of its bootstrap confidence interval (percentiles)."""
    values = numpy.asarray(values, dtype=numpy.float64)
    if not len(values):
        return math.nan, math.nan, math.nan
    generator = numpy.random.default_rng(seed)
    means = [values[generator.integers(len(values), size=len(values))].mean() for _ in range(rounds)]
    low, high = numpy.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values.mean()), float(low), float(high)


def difference(first, second, rounds=2000, seed=1, level=0.95):
    """Mean of `first` − `second`, question by question, with its paired bootstrap interval."""
    return interval(numpy.subtract(first, second, dtype=numpy.float64), rounds, seed, level)
