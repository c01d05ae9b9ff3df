"""Checks what `compare.py` reports, with made-up numbers: `python3 -m unittest` in this folder."""

import unittest

import selection


def point(recall, one, batch, **knobs):
    return {"recall": recall, "one_qps": one, "batch_qps": batch} | knobs


class SelectionTests(unittest.TestCase):
    def test_the_fastest_point_that_reaches_the_target_is_taken(self):
        points = [point(0.89, 900, 9000), point(0.95, 400, 3000), point(0.97, 500, 2000), point(0.99, 100, 1000)]
        self.assertEqual(selection.best(points, 0.90, "one_qps")["recall"], 0.97)
        self.assertEqual(selection.best(points, 0.90, "batch_qps")["recall"], 0.95)

    def test_a_recall_equal_to_the_target_reaches_it_and_one_just_below_does_not(self):
        self.assertIsNotNone(selection.best([point(0.95, 1, 1)], 0.95, "one_qps"))
        self.assertIsNone(selection.best([point(0.9499, 1, 1)], 0.95, "one_qps"))
        self.assertIsNone(selection.best([], 0.95, "one_qps"))

    def test_the_ratio_is_to_the_best_peer_and_each_measure_has_its_own(self):
        imprag = [point(0.96, 4000, 8000)]
        peers = {"a": [point(0.96, 1000, 1000)], "b": [point(0.97, 500, 4000)], "c": [point(0.80, 9000, 9000)]}
        row = selection.against_peers(imprag, peers, 0.95, "one_qps")
        self.assertEqual((row.peer_name, row.ratio), ("a", 4.0))
        row = selection.against_peers(imprag, peers, 0.95, "batch_qps")
        self.assertEqual((row.peer_name, row.ratio), ("b", 2.0))

    def test_there_is_no_ratio_where_one_side_does_not_reach_the_target(self):
        low, high = [point(0.80, 10, 10)], [point(0.99, 10, 10)]
        row = selection.against_peers(high, {"a": low}, 0.95, "one_qps")
        self.assertEqual((row.imprag, row.peer, row.peer_name, row.ratio), (high[0], None, None, None))
        row = selection.against_peers(low, {"a": high}, 0.95, "one_qps")
        self.assertEqual((row.imprag, row.peer_name, row.ratio), (None, "a", None))
        self.assertIsNone(selection.against_peers(high, {}, 0.95, "one_qps").ratio)

    def test_the_line_leaves_out_points_that_another_beats_in_both(self):
        points = [point(0.90, 100, 1), point(0.95, 80, 1), point(0.93, 70, 1), point(0.95, 60, 1), point(0.99, 10, 1)]
        line = [(p["recall"], p["one_qps"]) for p in selection.frontier(points, "one_qps")]
        self.assertEqual(line, [(0.90, 100), (0.95, 80), (0.99, 10)])

    def test_runs_become_their_median_knob_by_knob(self):
        runs = [[point(0.90, speed, 1, probes=8, target=None)] for speed in (100, 300, 120)]
        runs[1].append(point(0.99, 10, 5, probes=64, target=0.99))
        merged = selection.median_points(runs, ["probes"])
        self.assertEqual([(p["probes"], p["one_qps"]) for p in merged], [(8, 120), (64, 10)])
        self.assertNotIn("target", merged[0])
        self.assertEqual(merged[1]["target"], 0.99)


if __name__ == "__main__":
    unittest.main()
