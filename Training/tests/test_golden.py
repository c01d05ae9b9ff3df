"""The forward pass agrees with the golden cases of the model, wherever they are: `IMPRAG_GOLDEN=DIR pytest`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from imprag_training.checkpoint import load_model
from imprag_training.scoring import embed, generate, score
from imprag_training.text import Layout

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(os.environ.get("IMPRAG_GOLDEN", ROOT.parent / "shared" / "golden"))
CASES = sorted((GOLDEN / "cases").glob("*.jsonl"))

if not CASES:
    pytest.skip(f"no golden cases under {GOLDEN}: set IMPRAG_GOLDEN", allow_module_level=True)


@pytest.fixture(scope="module", params=CASES, ids=lambda path: path.stem)
def golden(request):
    """A checkpoint in float64, its token layout, and its cases."""
    folder = GOLDEN / "checkpoints" / request.param.stem
    model = load_model(folder, dtype=torch.float64)
    c = model.config
    layout = Layout.load(folder, c.bos, c.eos[0], c.max_passage_tokens)
    return model, layout, [json.loads(line) for line in request.param.read_text(encoding="utf-8").splitlines()]


def of_kind(cases: list[dict], kind: str) -> list[dict]:
    chosen = [case for case in cases if case["kind"] == kind]
    assert chosen, f"no cases of kind {kind}"
    return chosen


def pairs(case: dict) -> list[tuple[str | None, str]]:
    return [(p.get("title"), p["text"]) for p in case["passages"]]


def test_embeddings(golden):
    model, layout, cases = golden
    for case in of_kind(cases, "embed"):
        tokens, vector = embed(model, layout, case["role"], case["text"], case.get("title"))
        expected = torch.tensor(case["embedding"], dtype=torch.float64)
        assert tokens == case["tokens"], case["case"]
        assert (vector - expected).norm() <= 1e-5 * expected.norm(), case["case"]


def test_scores(golden):
    model, layout, cases = golden
    for case in of_kind(cases, "score"):
        result = score(model, layout, case["prompt"], pairs(case), case["k"], case["encoding"], case["completion"])
        assert result.tokens == case["tokens"], case["case"]
        assert result.logprobs == pytest.approx(case["logprobs"], abs=1e-4), case["case"]
        assert result.passage_attention == pytest.approx(case["passage_attention"], abs=1e-5), case["case"]


def test_generations(golden):
    model, layout, cases = golden
    for case in of_kind(cases, "generate"):
        result = generate(model, layout, case["prompt"], pairs(case), case["k"], case["encoding"], case["max_tokens"])
        assert result.tokens == case["tokens"], case["case"]
        assert result.logprobs == pytest.approx(case["logprobs"], abs=1e-4), case["case"]
