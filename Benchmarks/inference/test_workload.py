"""Checks what the engines are given and how they are run: `python3 -m unittest` in this folder."""

import unittest

import numpy as np

import make_model
import peers
import workload


class WorkloadTests(unittest.TestCase):
    def test_ids_and_lengths_are_the_same_every_time_and_within_their_bounds(self):
        self.assertEqual(workload.token_ids(50, 3), workload.token_ids(50, 3))
        self.assertNotEqual(workload.token_ids(50, 3), workload.token_ids(50, 4))
        self.assertTrue(all(0 <= token < workload.TEXT_IDS for token in workload.token_ids(1000)))
        lengths = workload.passage_lengths()
        self.assertEqual((len(lengths), lengths), (workload.EMBEDDED, workload.passage_lengths()))
        self.assertTrue(all(workload.SHORTEST <= length <= workload.LONGEST for length in lengths))

    def test_batches_hold_every_passage_once_longest_first(self):
        groups = workload.batches([5, 9, 7, 9, 1], 2)
        self.assertEqual(groups, [[1, 3], [2, 0], [4]])

    def test_a_rate_is_the_median_over_repetitions(self):
        self.assertEqual(workload.rate(10, [1.0, 5.0, 2.0]), (5.0, [10.0, 2.0, 5.0]))


class ModelTests(unittest.TestCase):
    def test_the_shapes_have_the_parameters_of_the_published_models(self):
        for name, count in (("llama-3.2-1b", 1_235_814_400), ("llama-3.2-3b", 3_212_749_824)):
            shapes = [shape for _, shape in make_model.tensors(make_model.config(name))]
            self.assertEqual(sum(int(np.prod(shape)) for shape in shapes), count)

    def test_boundaries_stay_within_a_model_of_fewer_layers(self):
        self.assertEqual(make_model.config("llama-3.2-3b")["imprag"]["top_boundary"], 19)
        cut = make_model.config("llama-3.2-3b", 2)["imprag"]
        self.assertEqual((cut["bottom_boundary"], cut["top_boundary"]), (1, 1))

    def test_bf16_rounds_to_nearest_and_ties_to_even(self):
        given = np.array([0x3F800000, 0x3F808000, 0x3F818000, 0x3F808001, 0xBF80FFFF], np.uint32).view(np.float32)
        self.assertEqual(make_model.bf16(given).tolist(), [0x3F80, 0x3F80, 0x3F82, 0x3F81, 0xBF81])

    def test_the_head_of_a_file_ends_aligned_and_says_where_tensors_lie(self):
        head = make_model.header([("a", (2, 3)), ("b", (5,))])
        self.assertEqual((len(head) % 64, int.from_bytes(head[:8], "little")), (0, len(head) - 8))
        self.assertIn(b'"b":{"dtype":"BF16","shape":[5],"data_offsets":[12,22]}', head)


class PeerTests(unittest.TestCase):
    def test_every_combination_of_settings_is_tried_once_and_the_quickest_measured(self):
        job = peers.Job("llama.cpp", "bf16", "llamacpp.py", {"figure": "prefill"},
                        {"flash": ["on", "off"], "batch-tokens": [512, 2048]})
        calls = []

        def run(_, settings, repeats):
            calls.append((settings["flash"], settings["batch-tokens"], repeats))
            return {"tokens_per_second": 9 if settings == {"flash": "off", "batch-tokens": 512} else 5, "settings": settings}

        peers.measure(job, 3, run)
        self.assertEqual(calls, [("on", 512, 1), ("on", 2048, 1), ("off", 512, 1), ("off", 2048, 1), ("off", 512, 3)])

    def test_the_quickest_first_token_is_the_shortest(self):
        self.assertGreater(peers.score({"first_token_seconds": 2, "tokens_per_second": 1}),
                           peers.score({"first_token_seconds": 3, "tokens_per_second": 9}))

    def test_jobs_have_names_of_their_own(self):
        names = [job.name for job in peers.jobs("DIR", {"bf16": "A", "q8_0": "B"})]
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("llama.cpp q8_0 prefill 1300", names)


if __name__ == "__main__":
    unittest.main()
