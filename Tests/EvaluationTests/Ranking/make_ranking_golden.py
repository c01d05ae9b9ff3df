"""Writes ranking_golden.json: three made runs with ties, and what trec_eval says of them.

    pip install pytrec_eval-terrier && python make_ranking_golden.py
"""

import json
import pathlib
import random

import pytrec_eval

MEASURES = {
    "ndcg@1": "ndcg_cut_1", "ndcg@5": "ndcg_cut_5", "ndcg@10": "ndcg_cut_10", "map": "map", "mrr": "recip_rank",
    "rprec": "Rprec", "recall@5": "recall_5", "recall@100": "recall_100", "p@1": "P_1", "p@10": "P_10",
}  # fmt: skip


def made(seed, scores):
    """A run: 20 to 40 documents for each query, few different scores, one query missing in the third."""
    rng = random.Random(seed)
    run = {}
    for query in QUERIES:
        if seed == 3 and query == "q4":
            continue
        documents = rng.sample(DOCUMENTS, rng.randint(20, 40))
        run[query] = {document: rng.choice(scores) for document in documents}
    # Fewer than ten; and nothing but ties.
    run["q1"] = dict(list(run["q1"].items())[:4])
    run["q2"] = dict.fromkeys(run["q2"], 1.0)
    return run


QUERIES = [f"q{n}" for n in range(12)]
# Bytes order these, not letters or numbers: d10 < d9, D < d < é.
DOCUMENTS = [f"d{n}" for n in range(50)] + ["D1", "é1", "d1#0"]
RNG = random.Random(7)
QRELS = {q: {d: RNG.choice([0, 0, 0, 1, 1, 2, 3]) for d in RNG.sample(DOCUMENTS, 20)} for q in QUERIES}
# No document is relevant; and one is marked as worse than irrelevant.
QRELS["q3"] = dict.fromkeys(QRELS["q3"], 0)
QRELS["q5"][next(iter(QRELS["q5"]))] = -1
RUNS = [
    made(1, [0.5, 0.25, 1.0]), made(2, [3.0, -2.0, 0.0, 7.5]),
    # The first two are one number as float32.
    made(3, [16777216.0, 16777217.0, 5.0, 1e-3, 12.0, 13.0]),
]  # fmt: skip

evaluator = pytrec_eval.RelevanceEvaluator(QRELS, set(MEASURES.values()))
runs = []
for run in RUNS:
    result = evaluator.evaluate(run)
    values = {
        name: {query: result[query][measure] for query in QUERIES if query in result} for name, measure in MEASURES.items()
    }
    lines = [f"{q} Q0 {d} 0 {score!r} made" for q, found in run.items() for d, score in found.items()]
    runs.append({"lines": lines, "values": values})
qrels = [f"{q} 0 {d} {grade}" for q, judged in QRELS.items() for d, grade in judged.items()]
golden = {"qrels": qrels, "runs": runs}
target = pathlib.Path(__file__).with_name("ranking_golden.json")
target.write_text(json.dumps(golden, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
