"""Tests of what the benchmark's figures rest on: python -m unittest."""

import pathlib
import tempfile
import unittest

import numpy as np

import rows
import run


class RowsTests(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(3)
        self.states = (random.standard_normal((500, 8)) * np.arange(1, 9) + 2).astype(np.float32)

    def test_fewer_rows_are_the_first_of_more(self):
        generator = rows.Rows(self.states)
        more = np.concatenate(list(generator.blocks(1, rows.BLOCK + 100)))
        fewer = np.concatenate(list(generator.blocks(1, rows.BLOCK + 7)))
        self.assertEqual(len(more), rows.BLOCK + 100)
        np.testing.assert_array_equal(more[: len(fewer)], fewer)
        other = next(generator.blocks(2, 100))
        self.assertFalse(np.array_equal(other, more[:100]))

    def test_mean_and_covariance_are_those_of_the_states(self):
        made = next(rows.Rows(self.states).blocks(0, rows.BLOCK))
        np.testing.assert_allclose(made.mean(0), self.states.mean(0), atol=0.1)
        np.testing.assert_allclose(np.cov(made.T), np.cov(self.states.T), atol=0.05 * 64)

    def test_truth_by_blocks_is_that_of_everything_at_once(self):
        random = np.random.default_rng(5)
        base = random.standard_normal((3000, 8)).astype(np.float32)
        queries = random.standard_normal((20, 8)).astype(np.float32)
        right = np.argsort(-(queries.astype(np.float64) @ base.T.astype(np.float64)), axis=1)[:, :10]
        parts = []
        for first in (0, 1000):
            truth = rows.Truth(queries)
            for start in range(first, first + (1000 if first == 0 else 2000), 250):
                truth.add(base[start : start + 250], start)
            parts.append({"ids": truth.ids, "exact": truth.exact})
        np.testing.assert_array_equal(rows.merged(parts), right)

    def test_a_file_gets_its_name_when_it_is_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.fbin"
            writer = rows.Writer(path, 3, 2)
            writer.write(np.zeros((2, 2)))
            with self.assertRaises(ValueError):
                writer.close()
            self.assertFalse(path.exists())

    def test_sizes_are_read(self):
        self.assertEqual([run.count_of(size) for size in ("200k", "37.5m", "12", "5M")], [200_000, 37_500_000, 12, 5_000_000])


if __name__ == "__main__":
    unittest.main()
