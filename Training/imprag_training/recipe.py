"""The recipe of a training run: sizes, rates, and phases."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Phase:
    """One stretch of training.

    - `tasks`: how often each task is drawn. `passages`: numbers of passages a group may have; `questions`: prompts per passage.
    - `batch`: passages per batch. `long`: the share of batches with passages of any length; the others keep to short ones. `similar`: the chance that a group's passages are alike.
    - `question_weight`: the loss weight of a question's own tokens, an answer's being 1.
    - `retrieved`: each question reads the passages that the model itself retrieves from the whole batch, k of them (the gold
      one put in where it is missing, `gold` of the time), instead of its group's.
    - `retrieval`: λ; 0 leaves retrieval out. `distil`: self-distillation instead of pseudo-labels, in `distil_share` of the
      batches and for so many of their questions and candidates, with the temperatures τ_t and τ_r; pseudo-labels are divided by τ_r too.
    - `memory`: so many passages of earlier `search` batches are further negatives. `top_k`: how many passages to read, one of
      these; the model's own number where empty.
    - `lr`: factor at the start and at the end, linear between, after `warmup` steps.
    """

    name: str
    steps: int
    tasks: dict[str, float]
    passages: tuple[int, ...] = (4,)
    questions: float = 2.0
    batch: int = 64
    long: float = 0.15
    similar: float = 0.3
    question_weight: float = 0.2
    retrieved: bool = False
    gold: float = 0.9
    retrieval: float = 0.1
    distil: bool = False
    distil_share: float = 1.0
    distil_questions: int = 32
    distil_candidates: int = 4
    teacher_tau: float = 1.0
    student_tau: float = 1.0
    top_k: tuple[int, ...] = ()
    memory: int = 0
    lr: tuple[float, float] = (1.0, 1.0)
    warmup: int = 0

    def rate(self, step: int) -> float:
        """The factor on the learning rates."""
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        return warm * (self.lr[0] + (self.lr[1] - self.lr[0]) * step / max(1, self.steps))


@dataclass(frozen=True)
class Recipe:
    """A run: `model` as in `config.json` (without ids), its `imprag` object, optimizer rates, seed, phases."""

    seed: int
    model: dict[str, Any]
    imprag: dict[str, Any]
    muon_lr: float
    adam_lr: float
    weight_decay: float
    phases: tuple[Phase, ...]

    @staticmethod
    def from_json(data: dict[str, Any]) -> Recipe:
        """From a recipe file; an unknown key is an error that names it."""
        known = {f.name for f in fields(Phase)}
        phases = []
        for item in data["phases"]:
            unknown = set(item) - known
            if unknown:
                raise ValueError(f"phase {item.get('name')}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
            phases.append(Phase(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()}))
        rest = {k: v for k, v in data.items() if k != "phases"}
        return Recipe(phases=tuple(phases), **rest)
