"""Checks what `compare.py` reports, with made-up numbers: `python3 -m unittest` in this folder."""

import unittest

import bar


def prefill(speed, **more):
    return {"figure": "prefill", "tokens": 512, "tokens_per_second": speed} | more


def llama(figure, precision="bf16"):
    return figure | {"peer": "llama.cpp", "precision": precision}


def line(rows, name, compute="bf16"):
    return next(row for row in rows if row.name == name and row.compute == compute)


class BarTests(unittest.TestCase):
    def test_the_median_over_runs_stands_beside_the_same_precision(self):
        imprag = [prefill(speed, compute="bf16") for speed in (300, 270, 100)] + [prefill(900, compute="int8")]
        peers = [llama(prefill(200)), llama(prefill(100), "q8_0")]
        rows = bar.rows(imprag, peers)
        self.assertEqual((line(rows, "prefill, 512 tokens").ratio, line(rows, "prefill, 512 tokens").verdict), (1.35, "met"))
        self.assertEqual(line(rows, "prefill, 512 tokens", "int8").ratio, 9)

    def test_a_ratio_just_below_the_aim_misses_it(self):
        rows = bar.rows([prefill(269, compute="bf16")], [llama(prefill(200))])
        self.assertEqual(line(rows, "prefill, 512 tokens").verdict, "missed")

    def test_seconds_are_better_when_there_are_fewer(self):
        imprag = [{"figure": "rag", "passages": "stored", "compute": "bf16", "first_token_seconds": 0.2, "tokens_per_second": 14},
                  {"figure": "rag", "passages": "computed", "compute": "bf16", "first_token_seconds": 4, "tokens_per_second": 14}]
        rows = bar.rows(imprag, [llama({"figure": "rag", "first_token_seconds": 7, "tokens_per_second": 12})])
        self.assertAlmostEqual(line(rows, "first token, passages stored").ratio, 35)
        self.assertEqual(line(rows, "first token, passages stored").verdict, "met")
        self.assertEqual(line(rows, "first token, passages computed").verdict, "missed")

    def test_many_at_once_are_compared_with_one_of_our_own(self):
        imprag = [{"figure": "decode", "batch": batch, "context": 32, "tokens_per_second": speed, "compute": "bf16"}
                  for batch, speed in ((1, 14), (8, 77))]
        rows = bar.rows(imprag, [])
        self.assertEqual((line(rows, "8 at once over one").ratio, line(rows, "8 at once over one").verdict), (5.5, "met"))

    def test_embedding_is_judged_against_transformers(self):
        theirs = {"figure": "embed", "passages_per_second": 5, "peer": "transformers", "precision": "bf16"}
        row = line(bar.rows([{"figure": "embed", "passages_per_second": 10, "compute": "bf16"}], [theirs]), "embedding passages")
        self.assertEqual((row.ratio, row.against, row.verdict), (2, "transformers", "met"))

    def test_what_one_side_lacks_has_no_ratio_and_no_verdict(self):
        rows = bar.rows([], [llama(prefill(200))])
        self.assertEqual(len(rows), 1)
        self.assertEqual((rows[0].imprag, rows[0].ratio, rows[0].verdict), (None, None, ""))
        self.assertIn("| prefill, 512 tokens | bf16 | tokens/s | – | 200 | – | – | llama.cpp | ≥ 1.35 |  |", bar.table(rows))


if __name__ == "__main__":
    unittest.main()
