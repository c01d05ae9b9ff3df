"""Checks what `sides.py` concludes, with made-up numbers: `python3 -m unittest` in this folder."""

import unittest

import sides


class SidesTests(unittest.TestCase):
    speeds = {"ImpRAG bf16": {"prefill": [40, 50], "decode": [4, 5]}, "llama.cpp bf16": {"prefill": [20, 30], "decode": [5, 4]},
              "ImpRAG int8": {"prefill": [90, 70], "decode": [9, 8]}, "llama.cpp Q8_0": {"prefill": [44, 10], "decode": [8, 8]}}

    def test_best_turns_and_the_better_peer_count(self):
        found = {(figure, mine): (peer, ratio >= aim) for figure, mine, peer, _, _, ratio, aim in sides.verdicts(self.speeds)}
        self.assertEqual(found, {("prefill", "ImpRAG bf16"): ("llama.cpp Q8_0", False),
                                 ("prefill", "ImpRAG int8"): ("llama.cpp Q8_0", True),
                                 ("decode", "ImpRAG bf16"): ("llama.cpp bf16", True),
                                 ("decode", "ImpRAG int8"): ("llama.cpp Q8_0", True)})

    def test_what_was_not_measured_is_left_out(self):
        speeds = {"ImpRAG 4-bit": {"prefill": [90, 70], "decode": [32, 33]},
                  "llama.cpp Q4_K_M": {"prefill": [50, 70], "decode": [30, 28]}}
        found = {figure: (peer, ratio) for figure, _, peer, _, _, ratio, _ in sides.verdicts(speeds)}
        self.assertEqual(found, {"prefill": ("llama.cpp Q4_K_M", 90 / 70), "decode": ("llama.cpp Q4_K_M", 1.1)})

    def test_report_has_verdicts_and_medians(self):
        machine = {"processor": "P", "instructions": ["avx2"], "cores": 2, "memory_gib": 23, "system": "S", "llama.cpp": "AVX2 = 1"}
        text = sides.report({"machine": machine, "threads": 2, "speeds": self.speeds})
        self.assertIn("| prefill 512, bf16 | 50 | 44 (Q8_0) | 1.14 | ≥ 1.25 | missed |", text)
        self.assertIn("| decode, int8 | 9 | 8 (Q8_0) | 1.12 | ≥ 1.1 | met |", text)
        self.assertIn("| llama.cpp Q8_0 | 27 | 8 |", text)


if __name__ == "__main__":
    unittest.main()
