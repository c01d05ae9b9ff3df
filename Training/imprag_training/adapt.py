"""Makes an ImpRAG model of a pretrained Llama: retrieval, reading and language together, from the first step.

A step is one of four tasks, drawn by the recipe's weights from a generator that the step's number seeds, so that a run which was
killed goes on with the batches that it would have had:

- `search`: layers 0…b−1 on many questions and passages; the multi-label NCE of the paper's warm-up over a teacher's
  pseudo-positives and known passages, and the teacher's own vectors as targets.
- `read`: groups of passages, and questions that share them; the answer's loss, over all layers.
- `distil`: the paper's second stage: KL between what each passage alone does for the answer and the retrieval scores.
- `plain`: text, and questions without passages, through the plain decoder: what the language model must not lose.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .adapter import merge, write_adapter
from .batches import pad
from .checkpoint import load_model, load_weights, save_weights
from .lora import adapt, merged, pairs
from .model import ImpRAG
from .muon import Muon
from .objective import contrastive_loss, distillation_loss, generation_loss
from .prepared import Prepared
from .text import Layout, question_prompt
from .unlabelled import make, sentences


@dataclass(frozen=True)
class AdaptRecipe:
    """A run.

    - `imprag`: the model's `imprag` object. `full`, `lora`, `rank`, `alpha`: what is trained, see `lora.adapt`.
    - `tasks`: how often each task is drawn. `kinds`: how often each kind of question is drawn for `search`, and `read_kinds` for `read`.
    - `search_queries`, `search_passages`: prompts of a `search` step, and how many of them bring a passage along; `hard`: the
      chance that one also brings a hard negative (the teacher's ranks 10 to 50).
    - `groups`, `group_passages`, `group_questions`: the shape of a `read` step. `retrieved`: how often a question reads what the
      model itself found for it (`imprag-teach --retrieve`). `made`: the share of a group's questions that are made of its passages, and `made_tasks` how often each way of it (`cloze`, `next`, `previous`) is drawn.
    - `plain_rows`, `plain_tokens`: the shape of a `plain` step.
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
    stages: list[dict] = field(default_factory=list)
    data: dict = field(default_factory=dict)

    @staticmethod
    def from_json(data: dict) -> AdaptRecipe:
        """From a recipe file; an unknown key is an error that names it."""
        known = {f.name for f in fields(AdaptRecipe)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        fixed = {"seed", "imprag", "full", "lora", "rank", "alpha", "steps", "warmup", "fit", "stages", "data", "adapter"}
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


def quick_dtype() -> torch.dtype:
    """bf16 where its products are faster than float32's on this processor, else float32: measured, since bf16 is four times as fast
    with AVX-512's instructions for it and ten times slower without."""
    spent = {}
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.randn(256, 576).to(dtype), torch.randn(576, 1536).to(dtype)
        a @ b
        began = time.perf_counter()
        for _ in range(5):
            a @ b
        spent[dtype] = time.perf_counter() - began
    return min(spent, key=spent.get)


class Processes:
    """What the processes of a run share: which one this is, its device, and gradients averaged over all.

    One process needs nothing; several are started by `accelerate launch`.
    """

    def __init__(self, device: str | None) -> None:
        self.count, self.index, self._accelerator = 1, 0, None
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            from accelerate import Accelerator

            self._accelerator = Accelerator(cpu=device == "cpu")
            self.count, self.index = self._accelerator.num_processes, self._accelerator.process_index
            device = str(self._accelerator.device)
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def average(self, parameters: list[torch.nn.Parameter]) -> None:
        """Replaces gradients by their mean over all processes; a missing one counts as zero."""
        if self._accelerator is None:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = self._accelerator.reduce(torch.cat([p.grad.flatten() for p in parameters]), "mean")
        for parameter, grad in zip(parameters, flat.split([p.numel() for p in parameters])):
            parameter.grad.copy_(grad.view_as(parameter))

    @property
    def is_first(self) -> bool:
        """Whether this process writes what one of them must."""
        return self.index == 0


class Adaptation:
    """One run in one folder: `state.pt` (what is trained, optimizers, step), `log.jsonl`, `adapter.safetensors`, `latest/` (the model)."""

    def __init__(self, recipe: AdaptRecipe, base: Path, data: Path, folder: Path, device: str | None = None) -> None:
        """`device`: `cpu`, `cuda`, …; None takes a GPU where there is one."""
        self.recipe, self.base, self.folder = recipe, base, folder
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        self.processes = Processes(device)
        self.device = self.processes.device
        if self.device.type != "cpu":
            torch.set_default_device(self.device)
        self.dtype = quick_dtype() if self.device.type == "cpu" else torch.bfloat16
        self.model = load_model(base, recipe.imprag).to(self.device)
        self.model.checkpointing = recipe.checkpointing
        adapt(self.model, recipe.full, recipe.lora, recipe.rank, recipe.alpha)
        for parameter in self.model.parameters():
            if not parameter.requires_grad:
                parameter.data = parameter.data.to(self.dtype)
        config = self.model.config
        self.layout = Layout.load(base, config.bos, config.eos[0], config.max_passage_tokens)
        self.data = Prepared(data, self.layout, config.kv_heads * config.head_size)
        named = [(n, p) for n, p in self.model.named_parameters() if p.requires_grad]
        low = [p for n, p in named if n.endswith((".A", ".B"))]
        high = [p for n, p in named if not n.endswith((".A", ".B"))]
        matrices = [p for p in high if p.dim() == 2] if recipe.muon_lr > 0 else []
        others = [p for p in high if all(p is not m for m in matrices)]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                [{"params": others}, {"params": low}], lr=0.0, betas=(0.9, 0.98), weight_decay=0.0
            )
        ]
        if matrices:
            self.optimizers.append(Muon(matrices, lr=0.0))
        self.step, self.stop = 0, False
        self.board = None
        if self.processes.is_first:
            try:
                from torch.utils.tensorboard import SummaryWriter

                self.board = SummaryWriter(str(folder / "tensorboard"))
            except ImportError:
                print("TensorBoard is not installed: log.jsonl has everything", flush=True)
        if not self._resume() and recipe.fit and self.data.query_targets is not None:
            self._fit()

    # ------------------------------------------------------------------------------------------ checkpoints

    def _trained(self) -> dict[str, Tensor]:
        return {n: p.detach() for n, p in self.model.named_parameters() if p.requires_grad}

    def _resume(self) -> bool:
        """Loads the checkpoint; false where there is none."""
        path = self.folder / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True, map_location=self.device)
        own = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, tensor in state["weights"].items():
                own[name].copy_(tensor)
        for optimizer, own_state in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(own_state)
        self.step = state["step"]
        return True

    def save(self) -> None:
        """Writes the checkpoint; a crash in between leaves the old one."""
        if not self.processes.is_first:
            return
        state = {"weights": self._trained(), "optimizers": [o.state_dict() for o in self.optimizers], "step": self.step}
        torch.save(state, self.folder / "state.pt.new")
        os.replace(self.folder / "state.pt.new", self.folder / "state.pt")

    def export(self) -> None:
        """Writes `latest/`, the model as a Hugging Face directory, and `adapter.safetensors` where the recipe wants one."""
        if not self.processes.is_first:
            return
        latest = self.folder / "latest"
        if not self.recipe.adapter:
            save_weights(merged(self.model), self.model.config, self.layout.tokenizer, latest)
            return
        base = {name: tensor.float().numpy() for name, tensor in load_weights(self.base).items()}
        numbers = lambda tensor: tensor.detach().float().cpu().numpy()
        low_rank = {name: (numbers(a), numbers(b), scale) for name, (a, b, scale) in pairs(self.model).items()}
        whole = {name: numbers(tensor) for name, tensor in self._trained().items() if not name.endswith((".A", ".B"))}
        recipe = {key: value for key, value in asdict(self.recipe).items() if key not in ("data", "imprag")}
        write_adapter(self.folder / "adapter.safetensors", base, low_rank, whole, {"imprag": self.recipe.imprag, "recipe": recipe, "step": self.step})
        shutil.rmtree(latest, ignore_errors=True)
        merge(self.base, self.folder / "adapter.safetensors", latest)

    # ------------------------------------------------------------------------------------------ the loop

    def run(self) -> None:
        """All steps that remain."""
        whole = self.recipe
        print(f"{sum(t.numel() for t in self._trained().values()):,} numbers are trained, products in {self.dtype}", flush=True)
        trained = [p for p in self.model.parameters() if p.requires_grad]
        sums: dict[str, list[float]] = {}
        began, first, saved = time.monotonic(), self.step, time.monotonic()
        while self.step < whole.steps and not self.stop:
            self.recipe = r = whole.at(self.step)
            rates = [r.full_lr, r.lora_lr, r.muon_lr]
            for group, rate in zip([g for o in self.optimizers for g in o.param_groups], rates):
                group["lr"] = rate * r.rate(self.step)
            start, report = time.monotonic(), {}
            # All processes and tasks of a step draw what their place says, whether the run was killed before or not.
            for part in range(r.accumulate):
                place = ((self.step * r.accumulate) + part) * self.processes.count + self.processes.index
                rng = random.Random(r.seed * 1_000_003 + place)
                torch.manual_seed(r.seed * 1_000_003 + place)
                task = rng.choices(list(r.tasks), list(r.tasks.values()))[0]
                loss, own = self.loss(task, rng)
                (loss / r.accumulate).backward()
                report |= own
            self.processes.average(trained)
            norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
            if torch.isfinite(norm):
                for optimizer in self.optimizers:
                    optimizer.step()
            self.model.zero_grad()
            self.step += 1
            report |= {f"{task}.seconds": time.monotonic() - start, f"{task}.norm": float(norm)}
            if not self.processes.is_first:
                continue
            with (self.folder / "log.jsonl").open("a") as log:
                log.write(json.dumps({"step": self.step, "task": task} | {k: round(v, 5) for k, v in report.items()}) + "\n")
            for name, value in report.items():
                if self.board:
                    self.board.add_scalar(name.replace(".", "/"), value, self.step)
                sums.setdefault(name, []).append(value)
            if self.step % 20 == 0:
                each = (time.monotonic() - began) / (self.step - first)
                shown = "  ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in sorted(sums.items()))
                print(f"{self.step:,}/{r.steps:,}  {shown}  {each:.1f} s/step, {(r.steps - self.step) * each / 60:.0f} min left", flush=True)
                sums = {}
            if time.monotonic() - saved > 60 * r.save_minutes:
                self.save()
                saved = time.monotonic()
        self.recipe = whole
        self.save()
        self.export()

    def loss(self, task: str, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        """The loss of one batch of `search`, `read`, `distil` or `plain`, drawn from `rng`, and what to report."""
        run = {"search": self._search, "read": self._read, "distil": self._distil, "plain": self._plain}[task]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            return run(rng)

    # ------------------------------------------------------------------------------------------ search

    @torch.no_grad()
    def _fit(self) -> None:
        """Starts W_k and W_q of layer b as the ridge regression of the teacher's vectors on the states that they project.

        The base model's last states say little about what a text is about, but a linear map finds it: from there the bottom layers
        learn several times as fast as from the pretrained projections.
        """
        rng = random.Random(self.recipe.seed)
        c, d = self.model.config, self.data
        passages = rng.sample(range(d.corpus_count), min(self.recipe.fit, d.corpus_count))
        queries = rng.sample(range(len(d.queries)), min(2 * self.recipe.fit, len(d.queries)))

        def states(rows: list[list[int]]) -> Tensor:
            out: list[Tensor] = [torch.empty(0)] * len(rows)
            order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
            for start in range(0, len(order), 32):
                tokens, lengths = pad([rows[i] for i in order[start : start + 32]])
                for place, state in zip(order[start : start + 32], self.model._last(self.model._bottom(tokens), lengths).float()):
                    out[place] = state
            return torch.stack(out)

        def regression(x: Tensor, targets: Tensor) -> Tensor:
            gram = x.T @ x
            penalty = 0.03 * gram.diagonal().mean() * torch.eye(len(gram))
            return torch.linalg.solve(gram + penalty, x.T @ (self.recipe.norm * targets)).T

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            keys, asked = states([self._passage_row(p, rng) for p in passages]), states([d.prompt_ids[q] for q in queries])
        attention = self.model.layers[c.bottom].self_attn
        attention.k_proj.weight.copy_(regression(keys, self._numbers(d.passage_targets[passages])))
        query = regression(asked, self._numbers(d.query_targets[queries]))
        # The query's embedding is the mean over a group's heads: each starts as the same.
        share = query.view(c.kv_heads, 1, c.head_size, c.hidden).expand(-1, c.heads // c.kv_heads, -1, -1)
        attention.q_proj.weight.copy_(share.reshape(c.heads * c.head_size, c.hidden))

    def _passage_row(self, row: int, rng: random.Random) -> list[int]:
        """A passage's tokens; some long ones end at a sentence within the first 64, to see more of them in the same time."""
        ids = self.data.passage_ids[row]
        if len(ids) > 64 and rng.random() < self.recipe.short:
            ends = [i for i in range(24, 64) if ids[i] in self._full_stops]
            if ends:
                return ids[: ends[-1] + 1]
        return ids

    @property
    def _full_stops(self) -> set[int]:
        if not hasattr(self, "_stops"):
            self._stops = {ids[-1] for ids in self.layout.ids(["word.", "word).", 'word."'])}
        return self._stops

    def _embed(self, rows: list[list[int]], query: bool) -> Tensor:
        """Embeddings `[n, K·d]` of token rows, in batches of like length, in the order given."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = []
        size = 64 if query else 20
        for start in range(0, len(order), size):
            tokens, lengths = pad([rows[i] for i in order[start : start + size]])
            run = self.model.embed_queries if query else self.model.embed_passages
            parts.append(run(tokens, lengths).float())
        inverse = torch.empty(len(order), dtype=torch.long)
        inverse[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[inverse]

    def _numbers(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(self.device)

    def _cosine_loss(self, embedded: Tensor, targets: Tensor) -> Tensor:
        """1 − cos to the teacher's direction, and how far the length is from `norm`."""
        length = embedded.norm(dim=1)
        cosine = (embedded * targets).sum(1) / length.clamp(min=1e-3)
        return (1 - cosine).mean() + 0.1 * (length / self.recipe.norm).log().square().mean()

    def _search(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d = self.recipe, self.data
        kinds = {k: w for k, w in r.kinds.items() if d.by_kind.get(k)}
        chosen = [rng.choice(d.by_kind[k]) for k in rng.choices(list(kinds), list(kinds.values()), k=r.search_queries)]
        passages: dict[int, None] = {}
        prompts, positives = [], []
        for place, row in enumerate(chosen):
            query = d.queries[row]
            known = [g for g in query["gold"] if g < d.corpus_count]
            scores = d.best_scores[row].astype(np.float32)
            near = [int(p) for p, s in zip(d.best_rows[row][:5], scores) if s >= 0.95]
            if place < r.search_passages and (known or near):
                passages[rng.choice(known or near)] = None
                if rng.random() < r.hard:
                    passages[int(rng.choice(d.best_rows[row][10:] if len(d.best_rows[row]) > 10 else d.best_rows[row]))] = None
            prompts.append(d.prompt_ids[row])
            positives.append(set(known) or set(near))
        inverse = []
        for row in rng.sample(list(passages), int(len(passages) * r.inverse)):
            found = sentences(d.passages[row]["text"])
            if len(found) > 1:
                text = rng.choice(found)
                inverse.append(question_prompt(text.rstrip(".") + "?") if rng.random() < 0.5 else text)
                positives.append({row})
        prompts += self.layout.prompts(inverse)
        columns = list(passages)
        queries = self._embed(prompts, True)
        keys = self._embed([self._passage_row(p, rng) for p in columns], False)
        positive = torch.tensor([[c in p for c in columns] for p in positives])
        scores = queries @ keys.T / r.tau
        if d.query_targets is not None:
            # A passage that the teacher finds nearly as good as the right one is no negative.
            teacher = self._numbers(d.query_targets[chosen]) @ self._numbers(d.passage_targets[columns]).T
            own = torch.where(positive[: len(chosen)], teacher, torch.inf).amin(1, keepdim=True)
            alike = (teacher > 0.98 * own) & ~positive[: len(chosen)]
            scores = scores.masked_fill(F.pad(alike, (0, 0, 0, len(scores) - len(chosen))), -1e4)
        has = positive.any(1)
        loss_nce = contrastive_loss(scores[has], positive[has])
        loss = r.lambda_nce * loss_nce
        hit = positive[has].gather(1, scores[has].argmax(1)[:, None]).float().mean()
        report = {"search.nce": loss_nce.item(), "search.hit": hit.item()}
        for part, embedded, targets, rows in (("q", queries[: len(chosen)], d.query_targets, chosen), ("p", keys, d.passage_targets, columns)):
            if targets is not None:
                cosine = self._cosine_loss(embedded, self._numbers(targets[rows]))
                loss = loss + r.lambda_cosine * cosine
                report[f"search.{part}"] = cosine.item()
        return loss, report

    # ------------------------------------------------------------------------------------------ read

    def _group(self, rng: random.Random) -> tuple[list[int], list[tuple[list[int], list[int], int, int]]]:
        """Passage rows, and (prompt, answer, place of the passage that answers, query row or −1) of questions."""
        r, d = self.recipe, self.data
        kinds = {k: w for k, w in r.read_kinds.items() if d.by_kind.get(k) or k == "made"}
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == "made":
            first = rng.randrange(d.corpus_count)
            pool = [int(p) for p in d.near[first] if p != first]
        else:
            while True:
                seed = rng.choice(d.by_kind[kind])
                if d.queries[seed]["gold"]:
                    break
            first = rng.choice(d.queries[seed]["gold"])
            if first >= d.corpus_count:
                pool = [d.queries[rng.choice(d.by_kind[kind])]["gold"][0] for _ in range(6)]
            else:
                pool = [int(p) for p in d.near[first] if p != first] if rng.random() < 0.6 else [int(p) for p in d.best_rows[seed][:20]]
        own = kind != "made" and d.retrieved is not None and first < d.corpus_count and rng.random() < r.retrieved
        if own:
            pool = [int(p) for p in d.retrieved[seed][: r.group_passages]]
        pool = [p for p in dict.fromkeys(pool) if p != first]
        if not own:
            # Neighbours that are asked for as well make more of the same reading.
            rng.shuffle(pool)
            pool.sort(key=lambda p: p not in d.asked)
        rows = [first] + pool[: r.group_passages - 1]
        rng.shuffle(rows)
        asked = [(q, place) for place, p in enumerate(rows) for q in d.asked.get(p, ()) if d.queries[q]["kind"] in r.read_kinds]
        rng.shuffle(asked)
        if kind != "made":
            asked.sort(key=lambda item: item[0] != seed)
        made = []
        for _ in range(24):
            if len(made) >= r.group_questions * (1.0 if kind == "made" else r.made):
                break
            place = rng.randrange(len(rows))
            task = rng.choices(list(r.made_tasks), list(r.made_tasks.values()))[0]
            found = make(task, sentences(d.passages[rows[place]]["text"]), d.passages[rows[place]]["title"], rng)
            if found:
                made.append((found[0], found[1], place))
        asked = asked[: r.group_questions - len(made)]
        questions = [(d.prompt_ids[q], d.answer_ids[q], place, q) for q, place in asked]
        prompts = self.layout.prompts([question_prompt(text) for text, _, _ in made])
        answers = self.layout.answers([answer for _, answer, _ in made])
        questions += [(p, a, place, -1) for p, a, (_, _, place) in zip(prompts, answers, made)]
        return rows, questions

    def _read(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d, c = self.recipe, self.data, self.model.config
        total, answered, right, wrong_tokens = torch.zeros(()), 0, 0, 0.0
        cosine = torch.zeros(())
        groups = [g for g in (self._group(rng) for _ in range(r.groups)) if g[1]]
        for rows, questions in groups:
            tokens, lengths = pad([d.passage_ids[p] for p in rows])
            passages = self.model.encode_passages(tokens[None], lengths[None], "independent")
            # Some questions see fewer passages, the right one among them.
            visible = torch.ones(1, len(questions), len(rows), dtype=torch.bool)
            for q, (_, _, place, _) in enumerate(questions):
                if rng.random() < 0.2:
                    visible[0, q] = torch.tensor([rng.random() < 0.3 or p == place for p in range(len(rows))])
            prompts, _ = pad([p + a for p, a, _, _ in questions])
            ends = torch.tensor([len(p) for p, _, _, _ in questions])
            reading = self.model.read(prompts[None], ends[None], r.group_passages * c.max_passage_tokens, passages, visible)
            mask = torch.zeros(prompts.shape, dtype=torch.bool)
            for q, (p, a, _, _) in enumerate(questions):
                mask[q, len(p) - 1 : len(p) + len(a) - 1] = True
            mask = mask[:, :-1]
            targets = prompts[:, 1:][mask]
            logits = self.model.logits(reading.hidden[0, :, :-1][mask]).float()
            weights = (1.0 / mask.sum(1).sqrt())[:, None].expand(mask.shape)[mask]
            total = total + generation_loss(logits, targets, weights) / len(groups)
            with torch.no_grad():
                owner = torch.arange(len(questions))[:, None].expand(mask.shape)[mask]
                wrong = torch.zeros(len(questions)).index_add_(0, owner, (logits.argmax(1) != targets).float())
                right += int((wrong == 0).sum())
                answered += len(questions)
                wrong_tokens += F.cross_entropy(logits, targets).item() / len(groups)
            taught = d.query_targets is not None
            known = [(q, row) for q, (_, _, _, row) in enumerate(questions) if row >= 0 and taught]
            inside = [i for i, p in enumerate(rows) if p < d.corpus_count and taught]
            if known:
                q, row = zip(*known)
                cosine = cosine + self._cosine_loss(reading.queries[0].float()[list(q)], self._numbers(d.query_targets[list(row)])) / len(groups)
            if inside:
                keys = passages.embeddings[0].float()[inside]
                cosine = cosine + self._cosine_loss(keys, self._numbers(d.passage_targets[[rows[i] for i in inside]])) / len(groups)
        loss = total + r.lambda_read_cosine * cosine
        return loss, {"read.loss": wrong_tokens, "read.exact": right / max(1, answered), "read.cosine": float(cosine.detach()), "read.questions": float(answered)}

    # ------------------------------------------------------------------------------------------ distil

    def _distil(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        """KL(P_T ‖ P_R) over a known passage and four of the fifty that the model itself ranks best, or the teacher where it has not ranked."""
        r, d, c = self.recipe, self.data, self.model.config
        kinds = {k: w for k, w in r.read_kinds.items() if any(d.queries[q]["gold"] and d.queries[q]["gold"][0] < d.corpus_count for q in d.by_kind.get(k, [])[:20])}
        loss, top = torch.zeros(()), 0.0
        for _ in range(r.distil_questions):
            while True:
                row = rng.choice(d.by_kind[rng.choices(list(kinds), list(kinds.values()))[0]])
                if d.queries[row]["gold"] and d.queries[row]["gold"][0] < d.corpus_count:
                    break
            gold = rng.choice(d.queries[row]["gold"])
            candidates = d.best_rows if d.retrieved is None else d.retrieved
            others = [int(p) for p in candidates[row] if p not in d.queries[row]["gold"]]
            rows = [gold] + rng.sample(others[:10], 2) + rng.sample(others[10:], 2) if len(others) > 12 else [gold] + others[:4]
            tokens, lengths = pad([d.passage_ids[p] for p in rows])
            passages = self.model.encode_passages(tokens[None], lengths[None], "independent")
            prompt, answer = d.prompt_ids[row], d.answer_ids[row]
            repeated = torch.tensor([prompt + answer]).expand(len(rows), -1)[None]
            ends = torch.full((1, len(rows)), len(prompt))
            with torch.no_grad():
                one = torch.eye(len(rows), dtype=torch.bool)[None]
                alone = self.model.read(repeated, ends, r.group_passages * c.max_passage_tokens, passages, one)
                logits = self.model.logits(alone.hidden[0, :, len(prompt) - 1 : -1]).float()
                totals = logits.log_softmax(-1).gather(2, repeated[0, :, len(prompt) :, None])[..., 0].sum(1)
            queries = self._embed([prompt], True)
            scores = queries @ passages.embeddings[0].float().T
            loss = loss + distillation_loss(scores, totals[None], r.teacher_tau, r.tau) / r.distil_questions
            top += float(scores.argmax() == totals.argmax()) / r.distil_questions
        return loss, {"distil.kl": loss.item(), "distil.agree": top}

    # ------------------------------------------------------------------------------------------ plain

    def _plain(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d = self.recipe, self.data
        rows, starts = [], []
        while len(rows) < r.plain_rows:
            # Passages one after the other, as text is.
            row = [self.layout.bos]
            while len(row) < r.plain_tokens:
                row += d.passage_ids[rng.randrange(d.corpus_count)][1:] + self.layout.ids(["\n\n"])[0]
            rows.append(row[: r.plain_tokens])
            starts.append(0)
        for _ in range(r.plain_rows):
            q = rng.randrange(len(d.queries))
            rows.append(d.prompt_ids[q] + d.answer_ids[q])
            starts.append(len(d.prompt_ids[q]) - 1)
        total = torch.zeros(())
        losses = []
        for part in (slice(0, r.plain_rows), slice(r.plain_rows, None)):
            tokens, lengths = pad(rows[part])
            reading = self.model.read(tokens[None], lengths[None], 0, None)
            places = torch.arange(tokens.shape[1] - 1)
            mask = (places < lengths[:, None] - 1) & (places >= torch.tensor(starts[part])[:, None])
            logits = self.model.logits(reading.hidden[0, :, :-1][mask]).float()
            loss = F.cross_entropy(logits, tokens[:, 1:][mask])
            losses.append(loss.item())
            total = total + loss
        return total, {"plain.text": losses[0], "plain.closed": losses[1]}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Adapts a pretrained Llama; the same command goes on after Ctrl-C or kill -9.")
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True, help="Hugging Face directory, as imprag-import makes it")
    parser.add_argument("--data", type=Path, required=True, help="prepared folder, as imprag-prepare makes it")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, log and the merged model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", help="cpu, cuda, …; default: a GPU where there is one")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = json.loads(options.recipe.read_text(encoding="utf-8"))
    run = Adaptation(AdaptRecipe.from_json(data), options.base, options.data, options.run, options.device)

    def interrupt(*_) -> None:
        print("stopping after this step", flush=True)
        run.stop = True

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    run.run()


if __name__ == "__main__":
    main()
