"""Whether a checkpoint is still a good language model.

Training on retrieval and reading costs the base some of what it knew. The gate measures that on text and questions that `imprag-prepare` kept
out of training (`gate.jsonl`): the perplexity of the text, and the loss of answers without passages. A recipe's `gate` says how many times
the base's figure each may be; a checkpoint beyond that is never exported.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from .batches import pad
from .model import ImpRAG
from .prepared import TEMPLATES, read_lines
from .text import Layout

FIGURES = ("perplexity", "closed")


class Gate:
    """Measures models, and compares them with the base."""

    def __init__(self, limits: dict[str, float], folder: Path, layout: Layout) -> None:
        """`limits`: for some of `FIGURES`, the largest factor on the base's. `folder`: the prepared one."""
        unknown = sorted(set(limits) - set(FIGURES))
        if unknown or any(not factor >= 1 for factor in limits.values()):
            raise ValueError(f"gate: factors of at least 1 for {' and '.join(FIGURES)} are right, not {json.dumps(limits)}")
        path = folder / "gate.jsonl"
        if not path.exists():
            raise ValueError(f"the recipe has a gate, but {folder} has no gate.jsonl: set `gate` in `data`, and prepare again")
        self.limits = limits
        rows = read_lines(path)
        texts = [row["text"] for row in rows if "answer" not in row]
        asked = [row for row in rows if "answer" in row]
        if not texts or not asked:
            raise ValueError(f"{path} has {len(texts)} texts and {len(asked)} questions; the gate needs both")
        self._texts = [([layout.bos, *ids], 0) for ids in layout.ids(texts)]
        prompts = layout.prompts([TEMPLATES[row["template"]](row["text"]) for row in asked])
        answers = layout.answers([row["answer"] for row in asked])
        self._asked = [(prompt + answer, len(prompt) - 1) for prompt, answer in zip(prompts, answers)]
        self.base: dict[str, float] = {}

    @torch.no_grad()
    def measure(self, model: ImpRAG) -> dict[str, float]:
        """`perplexity` of the texts, each from its beginning, and `closed`, the loss per token of answers without passages."""
        return {"perplexity": math.exp(self._loss(model, self._texts)), "closed": self._loss(model, self._asked)}

    def excess(self, figures: dict[str, float]) -> str | None:
        """What of a checkpoint's figures is beyond the limits; None where nothing is."""
        beyond = [
            f"{name} {figures[name]:.2f}, more than {factor:g} times the base's {self.base[name]:.2f}"
            for name, factor in self.limits.items()
            if not figures[name] <= factor * self.base[name]
        ]
        return "; ".join(beyond) or None

    @staticmethod
    def _loss(model: ImpRAG, rows: list[tuple[list[int], int]]) -> float:
        """Per token, of what follows each row's start."""
        total, count = 0.0, 0
        for begin in range(0, len(rows), 8):
            part = rows[begin : begin + 8]
            tokens, lengths = pad([ids for ids, _ in part])
            reading = model.read(tokens[None], lengths[None], 0, None)
            places = torch.arange(tokens.shape[1] - 1)
            mask = (places < lengths[:, None] - 1) & (places >= torch.tensor([start for _, start in part])[:, None])
            logits = model.logits(reading.hidden[0, :, :-1][mask]).float()
            total += F.cross_entropy(logits, tokens[:, 1:][mask], reduction="sum").item()
            count += int(mask.sum())
        return total / count
