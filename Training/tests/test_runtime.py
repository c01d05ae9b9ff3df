"""The trainer and the runtime compute the same of the model that is shipped: `make model` and a release build first."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import torch

from imprag_training.checkpoint import load_model
from imprag_training.scoring import embed, generate, score
from imprag_training.text import Layout, question_prompt

ROOT = Path(__file__).resolve().parents[2]
IMPRAG = Path(os.environ.get("IMPRAG_BIN", ROOT / ".build/release/imprag"))
CACHE = Path(os.environ.get("IMPRAG_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "imprag"))
MODEL = Path(os.environ.get("IMPRAG_MODEL", CACHE / "wiki-135m"))

for needed, how in ((IMPRAG, "swift build -c release"), (MODEL / "config.json", "make model")):
    if not needed.exists():
        pytest.skip(f"{needed} is not there: {how}", allow_module_level=True)

PASSAGES = [
    ("Oliver Cromwell", "Oliver Cromwell was an English general and statesman who led the Parliament's armies in the Civil War."),
    ("Peru", "Peru is a country in South America. Its capital is Lima."),
    (None, "Basalt is a dark volcanic rock; most of the ocean's floor is made of it."),
]
PROMPTS = [question_prompt("What is the capital of Peru?"), question_prompt("What is basalt?"), "Oliver Cromwell was"]


@pytest.fixture(scope="module")
def trained():
    model = load_model(MODEL).float()
    c = model.config
    return model, Layout.load(MODEL, c.bos, c.eos[0], c.max_passage_tokens)


def run(command: str, rows: list[dict], *more: str) -> list[dict]:
    lines = "".join(json.dumps({"id": i} | row) + "\n" for i, row in enumerate(rows))
    done = subprocess.run(
        [IMPRAG, command, "--model", MODEL, "--compute", "f32", *more], input=lines, stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("role", ["query", "passage"])
def test_embeddings_are_the_runtimes(trained, role):
    texts = [(None, prompt) for prompt in PROMPTS] if role == "query" else PASSAGES
    rows = [{"text": text} | ({"title": title} if title else {}) for title, text in texts]
    for (title, text), line in zip(texts, run("embed", rows, "--role", role), strict=True):
        _, vector = embed(*trained, role, text, title)
        expected = torch.tensor(line["embedding"])
        assert (vector.float() - expected).norm() <= 1e-4 * expected.norm(), text


def given() -> list[dict]:
    return [{"title": title, "text": text} | ({} if title else {"title": ""}) for title, text in PASSAGES]


def test_log_probabilities_are_the_runtimes(trained):
    rows = [{"prompt": prompt, "passages": given(), "k": 5, "completion": " Lima is what he said."} for prompt in PROMPTS]
    for row, line in zip(rows, run("score", rows), strict=True):
        own = score(*trained, row["prompt"], PASSAGES, 5, "independent", row["completion"])
        assert line["logprobs"] == pytest.approx(own.logprobs, abs=2e-3), row["prompt"]


@pytest.mark.parametrize("k", [0, 5])
def test_answers_are_the_runtimes(trained, k):
    rows = [{"prompt": prompt, "passages": given() if k else [], "k": k, "max_tokens": 12} for prompt in PROMPTS]
    for row, line in zip(rows, run("generate", rows), strict=True):
        own = generate(*trained, row["prompt"], PASSAGES if k else [], k, "independent", 12)
        assert line["tokens"] == own.tokens, row["prompt"]
