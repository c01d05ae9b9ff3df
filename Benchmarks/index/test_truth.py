"""Checks the exact neighbours against a plain float64 sort, also where many rows are equal: `python3 -m unittest` in this folder."""

import unittest
from unittest import mock

import numpy as np

import truth


def plain(base, queries, k):
    scores = (queries.astype(np.float64)[:, None] * base.astype(np.float64)[None]).sum(axis=2)
    ids = np.arange(len(base))
    return np.array([np.lexsort((ids, -row))[:k] for row in scores])


class TruthTests(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(1)
        self.base = random.standard_normal((3000, 24)).astype(np.float32)
        self.queries = random.standard_normal((7, 24)).astype(np.float32)

    def test_blocks_give_what_one_sort_gives(self):
        with mock.patch.object(truth, "BLOCK_SCORES", 7 * 250):
            found = truth.nearest(self.base, self.queries)
        np.testing.assert_array_equal(found, plain(self.base, self.queries, 100))

    def test_of_equal_rows_the_lowest_ids_are_taken_however_many_there_are(self):
        base = np.repeat(self.base[:6], 500, axis=0)[np.random.default_rng(2).permutation(3000)]
        queries = np.concatenate([self.queries, np.zeros((1, 24), np.float32)])
        with mock.patch.object(truth, "BLOCK_SCORES", 8 * 250):
            found = truth.nearest(base, queries)
        np.testing.assert_array_equal(found, plain(base, queries, 100))
        np.testing.assert_array_equal(found[-1], np.arange(100))

    def test_a_base_smaller_than_k_is_returned_whole(self):
        self.assertEqual(truth.nearest(self.base[:40], self.queries).shape, (7, 40))


if __name__ == "__main__":
    unittest.main()
