"""How often each retriever finds what it should: recall at 1, 5, 20 and 100, with bootstrap intervals.

A ranking is `[questions, DEPTH]` row numbers of the corpus, best first, −1 where a list is shorter.
"""

import functools

import numpy

import metrics
import sources
from bm25 import BM25, Words, best

CUTOFFS = (1, 5, 10, 20, 100)
DEPTH = max(CUTOFFS)
# Reciprocal rank fusion's constant (Cormack, Clarke and Büttcher, SIGIR 2009), as the cluster's `words: fuse` has it.
FUSION_CONSTANT = 5


@functools.cache
def words_index(corpus, has_titles):
    passages = sources.passages(corpus)
    joined = [passage.joined for passage in passages]
    return Words(joined, [passage.title for passage in passages]) if has_titles else BM25(joined)


def filled(rows):
    """Lists of row numbers as one array."""
    ranking = numpy.full((len(rows), DEPTH), -1, dtype=numpy.int64)
    for place, row in enumerate(rows):
        ranking[place, : len(row)] = row[:DEPTH]
    return ranking


def rank_words(corpus, questions, has_titles):
    """By BM25, as peers have it, or with titles, as the cluster's words."""
    index = words_index(corpus, has_titles)
    return filled([index.rank(question.plain, DEPTH) for question in questions])


def corpus_vectors(encoder, corpus):
    """Vectors of a corpus; of one that is made of others, part by part, so that each is embedded once."""
    return numpy.concatenate([encoder.passages(sources.passages(part)) for part in sources.parts(corpus)])


def rank_vectors(encoder, corpus, questions):
    """By inner product, exactly."""
    vectors, queries = corpus_vectors(encoder, corpus), encoder.queries(questions)
    return filled([best(vectors @ query, DEPTH) for query in queries])


def fuse(first, second, weight=0.5):
    """Both rankings by reciprocal rank: `weight` / (5 + rank in first) + (1 − weight) / (5 + rank in second).

    Ties go to the better place in the first, then to the lower row.
    """
    fused = []
    for one, other in zip(first, second):
        scores, places = {}, {}
        for share, rows in ((weight, one), (1 - weight, other)):
            for rank, row in enumerate(rows[rows >= 0].tolist(), 1):
                scores[row] = scores.get(row, 0) + share / (FUSION_CONSTANT + rank)
        places = {row: rank for rank, row in enumerate(one[one >= 0].tolist())}
        fused.append(sorted(scores, key=lambda row: (-scores[row], places.get(row, DEPTH), row))[:DEPTH])
    return filled(fused)


def best_weight(first, second, questions, corpus):
    """The weight of the first ranking, in tenths, with the best recall at 1 and 5 together; a half where it does not matter."""
    ids = [passage.id for passage in sources.passages(corpus)]

    def quality(weight):
        fused = fuse(first, second, weight)
        return sum(sum(recall(fused, questions, ids, cutoff)) for cutoff in (1, 5))

    return max((tenth / 10 for tenth in range(11)), key=lambda weight: (quality(weight), -abs(weight - 0.5)))


def recall(ranking, questions, ids, cutoff):
    """Of each question, the share of its gold groups among the first `cutoff` rows."""
    shares = []
    for row, question in zip(ranking[:, :cutoff], questions):
        found = {ids[place] for place in row[row >= 0]}
        shares.append(sum(not group.isdisjoint(found) for group in question.gold) / len(question.gold))
    return shares


def answer_ranks(ranking, questions, passages):
    """Of each question, the place from 1 of the first passage that holds an answer; infinity where none does.

    As `imprag eval` looks for it: in the title or in the text.
    """
    ranks = []
    for row, question in zip(ranking, questions):
        finder = metrics.Finder(question.answers)
        hits = (place for place, number in enumerate(row[row >= 0], 1) if finder.within(passages[number]))
        ranks.append(next(hits, numpy.inf))
    return numpy.array(ranks)


def figures(ranking, each, corpus):
    """At every cutoff: recall of the gold passages, and of passages with an answer inside; mean, low, high.

    `each` is the set of questions.
    """
    passages = sources.passages(corpus)
    ids = [passage.id for passage in passages]
    found = {f"recall@{cutoff}": metrics.interval(recall(ranking, each.questions, ids, cutoff)) for cutoff in CUTOFFS}
    if each.has_words:
        ranks = answer_ranks(ranking, each.questions, passages)
        found |= {f"answer@{cutoff}": metrics.interval(ranks <= cutoff) for cutoff in CUTOFFS}
    return found
