"""What a run of `imprag-adapt` is: its recipe file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace


@dataclass(frozen=True)
class AdaptRecipe:
    """A run.

    - `imprag`: the model's `imprag` object. `full`, `lora`, `rank`, `alpha`: what is trained, see `lora.adapt`.
    - `tasks`: how often each task is drawn. `kinds`: how often each kind of question is drawn for `search`, and `read_kinds` for `read`.
    - `search_queries`, `search_passages`: prompts of a `search` step, and how many of them bring a passage along; `hard`: the
      chance that one also brings a hard negative (the teacher's ranks 10 to 50).
    - `groups`, `group_passages`, `group_questions`: the shape of a `read` step. `retrieved`: how often a question reads what the
      model itself found for it (`imprag-teach --retrieve`). `made`: the share of a group's questions that are made of its passages, and `made_tasks` how often each way of it (`cloze`, `next`, `previous`) is drawn.
    - `plain_rows`, `plain_tokens`: the shape of a `plain` step. `plain_kinds`: how often each kind of question is drawn for it; none: all alike.
    - `tau`: retrieval scores are divided by it in losses; `norm`: the length that embeddings are drawn to.
    - `lambda_cosine`, `lambda_nce`: weights of the parts of the retrieval loss; `lambda_read_cosine`: of the first within `read` steps.
    - `stages`: what becomes another value on the way, each with `from`, the step that it counts from: the paper's warm-up and
      self-distillation are two of them. Not `steps`, what is trained, nor what the data are.
    - `adapter`: write what training changed as a file of at most 40 MB (`adapter.py`), and make `latest/` of it; without it `latest/` holds
      the weights as they were trained.
    - `data`: what the prepared folder is made of, see `prepare.py`.
    - `fit`: so many passages, and twice as many questions, are embedded once before the first step, and the projections that make
      embeddings start as the ridge regression of the teacher's vectors on the base model's states; 0 leaves them as they are.
    - `muon_lr`: rate of Muon for matrices that are trained in full; 0 gives them AdamW like everything else.
    - `full_lr`, `lora_lr`, `warmup`, `steps`: learning rates of AdamW, constant after `warmup` steps and falling to a tenth over the last third.
    - `accumulate`: tasks whose gradients make one step, on each process. `checkpointing`: layers run again for their gradients instead of keeping what they computed.
    - `save_minutes`: between checkpoints. `gate`: what a checkpoint may have lost (`gate.Gate`); none: nothing is measured.
    """

    seed: int
    imprag: dict
    full: str
    lora: str
    rank: int
    alpha: float
    steps: int
    tasks: dict[str, float]
    kinds: dict[str, float]
    read_kinds: dict[str, float]
    search_queries: int = 160
    search_passages: int = 80
    hard: float = 0.25
    inverse: float = 0.1
    short: float = 0.5
    groups: int = 3
    group_passages: int = 5
    group_questions: int = 12
    retrieved: float = 0.5
    made: float = 0.25
    made_tasks: dict[str, float] = field(default_factory=lambda: {"cloze": 1.0})
    plain_rows: int = 6
    plain_tokens: int = 128
    plain_kinds: dict[str, float] = field(default_factory=dict)
    tau: float = 10.0
    norm: float = 14.0
    lambda_cosine: float = 2.0
    lambda_nce: float = 0.5
    lambda_read_cosine: float = 0.5
    distil_questions: int = 8
    teacher_tau: float = 1.0
    fit: int = 1500
    muon_lr: float = 0.008
    full_lr: float = 5e-4
    lora_lr: float = 1e-3
    warmup: int = 20
    accumulate: int = 1
    adapter: bool = True
    checkpointing: bool = False
    save_minutes: float = 4.0
    gate: dict[str, float] = field(default_factory=dict)
    stages: list[dict] = field(default_factory=list)
    data: dict = field(default_factory=dict)

    @staticmethod
    def from_json(data: dict) -> AdaptRecipe:
        """From a recipe file; an unknown key is an error that names it."""
        known = {f.name for f in fields(AdaptRecipe)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        fixed = {"seed", "imprag", "full", "lora", "rank", "alpha", "steps", "warmup", "fit", "stages", "data", "adapter", "gate"}
        for stage in data.get("stages", ()):
            wrong = sorted(set(stage) - {"from"} - (known - fixed))
            if wrong or "from" not in stage:
                raise ValueError(f"a stage needs 'from' and may change {', '.join(sorted(known - fixed))}; this one has {', '.join(sorted(stage))}")
        return AdaptRecipe(**data)

    def at(self, step: int) -> AdaptRecipe:
        """The recipe as its stages have made it by `step`."""
        changes: dict = {}
        for stage in sorted(self.stages, key=lambda s: s["from"]):
            if stage["from"] <= step:
                changes |= {key: value for key, value in stage.items() if key != "from"}
        return replace(self, **changes)

    def rate(self, step: int) -> float:
        """The factor on the learning rates."""
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        left = (self.steps - step) / max(1.0, self.steps / 3)
        return warm * max(0.1, min(1.0, left))
