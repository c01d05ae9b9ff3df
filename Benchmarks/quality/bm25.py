"""BM25 as Pyserini sets it up: k1 0.9, b 0.4, Lucene's English analysis (its stop words, possessives off, Porter's stemmer).

Lucene's lossy passage lengths are not imitated. Source: Robertson and Zaragoza, 2009, in Lucene's form.
"""

import collections
import re

import numpy
import scipy.sparse
import snowballstemmer

K1, B = 0.9, 0.4
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was "
    "will with".split()
)
# Unicode's word breaks, nearly: an apostrophe or a full stop between letters, a comma or full stop between digits, stays.
TOKEN = re.compile(r"[^\W\d]+(?:['’.][^\W\d]+)*\w*|\d+(?:[.,]\d+)*\w*")


class Analyzer:
    """Text to terms."""

    def __init__(self):
        self.stemmer = snowballstemmer.stemmer("porter")
        self.stems = {}

    def terms(self, text):
        found = []
        for token in TOKEN.findall(text):
            token = token.lower()
            if token.endswith(("'s", "’s")):
                token = token[:-2]
            if token not in STOP_WORDS:
                if token not in self.stems:
                    self.stems[token] = self.stemmer.stemWord(token)
                found.append(self.stems[token])
        return found


class BM25:
    """An index of texts in memory: a matrix of term weights."""

    name = "BM25"

    def __init__(self, texts, analyzer=None):
        self.analyzer = analyzer or Analyzer()
        self.columns = {}
        counts = [collections.Counter(self.analyzer.terms(text)) for text in texts]
        lengths = numpy.array([sum(count.values()) for count in counts], dtype=numpy.float64)
        average = lengths.mean() if len(lengths) else 1.0
        rows, columns, frequencies = [], [], []
        for row, count in enumerate(counts):
            for term, frequency in count.items():
                rows.append(row)
                columns.append(self.columns.setdefault(term, len(self.columns)))
                frequencies.append(frequency)
        frequencies = numpy.array(frequencies, dtype=numpy.float64)
        having = numpy.bincount(columns, minlength=len(self.columns))
        idf = numpy.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        norm = K1 * (1 - B + B * lengths / max(average, 1e-9))
        self.idf = idf
        weights = idf[columns] * frequencies / (frequencies + norm[rows]) if rows else numpy.zeros(0)
        self.matrix = scipy.sparse.csr_matrix((weights, (columns, rows)), shape=(len(self.columns), len(texts)))

    def scores(self, query):
        """`[texts]`: 0 where no term is shared; a term that is twice in the query counts twice."""
        counts = collections.Counter(self.columns[term] for term in self.analyzer.terms(query) if term in self.columns)
        scores = numpy.zeros(self.matrix.shape[1])
        for column, times in counts.items():
            begin, end = self.matrix.indptr[column], self.matrix.indptr[column + 1]
            scores[self.matrix.indices[begin:end]] += times * self.matrix.data[begin:end]
        return scores

    def rank(self, query, depth):
        """Row numbers of the best texts that share a term, best first; equal scores by lower row."""
        scores = self.scores(query)
        order = best(scores, depth)
        return order[scores[order] > 0]


class Words(BM25):
    """What the cluster's lexical index does: BM25, whose best are ordered by what their titles add (three tenths of the weights of a
    title's terms that the query has, times their share of the title)."""

    name = "words"
    TITLE_WEIGHT, DEPTH = 0.3, 64

    def __init__(self, texts, titles):
        super().__init__(texts)
        self.titles = [set(self.analyzer.terms(title)) for title in titles]

    def rank(self, query, depth):
        rows = super().rank(query, max(depth, self.DEPTH))
        asked = set(self.analyzer.terms(query))
        scores = self.scores(query)[rows]
        for place, row in enumerate(rows):
            named = self.titles[row] & asked
            if named:
                weight = sum(self.idf[self.columns[term]] for term in named)
                scores[place] += self.TITLE_WEIGHT * weight * len(named) / len(self.titles[row])
        return rows[numpy.lexsort((rows, -scores))][:depth]


def best(scores, depth):
    """The `depth` places of the largest scores, largest first; equal scores by lower place."""
    if depth < len(scores):
        least = -numpy.partition(-scores, depth - 1)[depth - 1]
        places = numpy.flatnonzero(scores >= least)
    else:
        places = numpy.arange(len(scores))
    return places[numpy.lexsort((places, -scores[places]))][:depth]
