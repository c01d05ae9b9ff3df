"""Trains a model: phases of a recipe, one after the other, from a checkpoint where there is one."""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path

import torch
from torch import Tensor

from .batches import Batch, BatchMaker
from .checkpoint import load_model, save_model
from .config import ModelConfig
from .model import ImpRAG, Passages, Reading
from .muon import Muon
from .objective import contrastive_loss, distillation_loss, generation_loss
from .recipe import Phase, Recipe
from .stopping import stop_on_signals
from .synthetic import World
from .teacher import Teacher
from .text import Layout, tokenizer_texts, train_tokenizer


class Trainer:
    """One training run in one folder: `latest/` (the model as a Hugging Face directory) and `state.pt` beside it."""

    def __init__(self, recipe: Recipe, options: argparse.Namespace) -> None:
        self.recipe, self.folder = recipe, options.run
        self.folder.mkdir(parents=True, exist_ok=True)
        self.world = World(options.encyclopedia, options.iso_codes, recipe.seed)
        self.model, self.tokenizer = self._model(options.init)
        config = self.model.config
        self.layout = Layout(self.tokenizer, config.bos, config.eos[0], config.max_passage_tokens)
        sample = [f"{t} {x}" for _ in range(3000) for t, x in self.world.group(4, 1, 0.3).passages]
        self.maker = BatchMaker(self.world, self.layout, Teacher(sample), recipe.seed)
        matrices = [p for n, p in self.model.layers.named_parameters() if p.dim() == 2]
        others = [p for p in self.model.parameters() if all(p is not m for m in matrices)]
        self.muon = Muon(matrices, recipe.muon_lr, weight_decay=recipe.weight_decay)
        self.adam = torch.optim.AdamW(others, recipe.adam_lr, (0.9, 0.98), weight_decay=0.0)
        self.phase, self.step, self.total = 0, 0, 0
        self.memory = torch.zeros(0, self.model.config.kv_heads * self.model.config.head_size)
        self.stop = False
        self._resume()

    def _model(self, init: Path | None) -> tuple[ImpRAG, object]:
        """From the run's own checkpoint, else from a Hugging Face directory, else new with its own tokenizer."""
        source = self.folder / "latest" if (self.folder / "latest").exists() else init
        if source is not None:
            model = load_model(source, self.recipe.imprag)
            from tokenizers import Tokenizer

            return model.float(), Tokenizer.from_file(str(source / "tokenizer.json"))
        tokenizer = train_tokenizer(tokenizer_texts(self.world, 12000), self.recipe.model["vocab_size"])
        size = tokenizer.get_vocab_size()
        ids = {"bos_token_id": size - 2, "eos_token_id": size - 1, "vocab_size": size}
        model = ImpRAG(ModelConfig.from_json(self.recipe.model | ids, self.recipe.imprag))
        model.initialise(self.recipe.seed)
        return model, tokenizer

    def _resume(self) -> None:
        path = self.folder / "state.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.muon.load_state_dict(state["muon"])
            self.adam.load_state_dict(state["adam"])
            # The checkpoint in `latest/` is bf16; training goes on from the float32 weights.
            self.model.load_state_dict(state["weights"])
            self.phase, self.step, self.total = state["phase"], state["step"], state["total"]
            self.world.random.seed(self.recipe.seed + self.total)
            self.maker.random.seed(self.recipe.seed + self.total)

    def save(self) -> None:
        """Writes the checkpoint; a crash in between leaves the old one."""
        save_model(self.model, self.tokenizer, self.folder / "latest")
        state = {
            "muon": self.muon.state_dict(), "adam": self.adam.state_dict(), "weights": self.model.state_dict(),
            "phase": self.phase, "step": self.step, "total": self.total,
        }
        torch.save(state, self.folder / "state.pt.new")
        os.replace(self.folder / "state.pt.new", self.folder / "state.pt")

    def run(self) -> None:
        """All phases that remain."""
        while self.phase < len(self.recipe.phases) and not self.stop:
            self._run_phase(self.recipe.phases[self.phase])
            if not self.stop:
                self.phase, self.step = self.phase + 1, 0
            self.save()

    def _run_phase(self, phase: Phase) -> None:
        print(f"phase {phase.name}: {phase.steps:,} steps, {phase}", flush=True)
        sums: dict[str, list[float]] = {}
        began, tokens, steps, saved = time.monotonic(), 0, 0, time.monotonic()
        while self.step < phase.steps and not self.stop:
            for optimizer, base in ((self.muon, self.recipe.muon_lr), (self.adam, self.recipe.adam_lr)):
                optimizer.param_groups[0]["lr"] = base * phase.rate(self.step)
            batch = self._draw(phase)
            for name, value in self._update(batch, phase).items():
                sums.setdefault(name, []).append(value)
            tokens += batch.tokens
            self.step, self.total, steps = self.step + 1, self.total + 1, steps + 1
            if self.step % 50 == 0:
                elapsed = time.monotonic() - began
                left = (phase.steps - self.step) * elapsed / steps
                shown = "  ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in sorted(sums.items()))
                print(f"{phase.name} {self.step:,}/{phase.steps:,}  {shown}  {tokens / elapsed:,.0f} tokens/s"
                      f"  {elapsed / steps:.2f} s/step  {left / 60:.0f} min left", flush=True)
                sums, began, tokens, steps = {}, time.monotonic(), 0, 0
            if time.monotonic() - saved > 240:
                self.save()
                saved = time.monotonic()

    def _draw(self, phase: Phase) -> Batch:
        task = self.maker.random.choices(list(phase.tasks), list(phase.tasks.values()))[0]
        passages = self.maker.random.choice(phase.passages)
        # A constant number of passages per batch, so that steps take about the same time and memory.
        groups = max(1, phase.batch // passages) * (4 if task == "search" else 1)
        questions = max(1, round(passages * phase.questions))
        short = self.maker.random.random() >= phase.long
        return self.maker.make(task, groups, passages, questions, phase.similar, phase.question_weight, short)

    def _update(self, batch: Batch, phase: Phase) -> dict[str, float]:
        """One optimizer step; returns what to report."""
        if batch.task == "search":
            return self._update_retrieval(batch, phase)
        c = self.model.config
        report: dict[str, float] = {}
        with torch.autocast("cpu", torch.bfloat16):
            passages, start = None, 0
            if batch.passages is not None:
                passages = self.model.encode_passages(batch.passages, batch.passage_lengths)
                k = self.maker.random.choice(phase.top_k or (c.top_k,))
                start = (k if phase.retrieved else max(k, batch.passages.shape[1])) * c.max_passage_tokens
            if phase.retrieved and batch.task == "ask":
                rows = self._candidates(batch, passages, phase, k)
                chosen = passages.choose(rows)
                report["found"] = (rows == batch.gold_column()[:, None]).any(1).float().mean().item()
                flat = lambda x: x.flatten(0, 1)[:, None]
                reading = self.model.read(flat(batch.prompts), flat(batch.prompt_lengths), start, chosen)
                reading = Reading(
                    reading.hidden.view(*batch.prompts.shape, -1), reading.queries.view(*batch.prompts.shape[:2], -1), []
                )
            else:
                reading = self.model.read(batch.prompts, batch.prompt_lengths, start, passages)
            weights = batch.weights[:, :, :-1]
            rows = weights > 0
            targets = batch.prompts[:, :, 1:][rows]
            logits = self.model.logits(reading.hidden[:, :, :-1][rows])
        loss = generation_loss(logits, targets, weights[rows])
        with torch.no_grad():
            answer = batch.answer[:, :, :-1][rows] > 0
            chosen = logits[answer].float()
            right = chosen.argmax(-1) == targets[answer]
            name = batch.task
            report[f"{name}.loss"] = torch.nn.functional.cross_entropy(chosen, targets[answer]).item()
            report[f"{name}.token"] = right.float().mean().item()
            if name == "ask":
                owner = torch.arange(rows[..., 0].numel()).view(*rows.shape[:2], 1).expand(rows.shape)[rows][answer]
                wrong = torch.zeros(rows[..., 0].numel()).index_add_(0, owner, (~right).float())
                report["ask.exact"] = (wrong == 0).float().mean().item()
        if batch.positive is not None and phase.retrieval > 0:
            queries = reading.queries.float().flatten(0, 1)
            keys = passages.embeddings.float().flatten(0, 1)
            scores = queries @ keys.T
            if phase.distil and self.maker.random.random() < phase.distil_share:
                start = self.model.config.top_k * self.model.config.max_passage_tokens
                retrieval = self._distillation(batch, passages, reading.queries, start, phase)
                report["kl"] = retrieval.item()
            else:
                retrieval = contrastive_loss(scores / phase.student_tau, batch.positive)
                report["nce"] = retrieval.item()
            report["ask.recall@1"] = (scores.argmax(1) == batch.gold_column()).float().mean().item()
            loss = loss + phase.retrieval * retrieval
        self._descend(loss)
        return report

    def _update_retrieval(self, batch: Batch, phase: Phase) -> dict[str, float]:
        """A step of J_ret alone: only layers 0…b−1 run, so there is room for many more candidates.

        Passages of earlier steps, as they were embedded then, are further negatives. Source: cross-batch memory (Wang et al.,
        CVPR 2020).
        """
        with torch.autocast("cpu", torch.bfloat16):
            queries = self.model.embed_queries(batch.prompts, batch.prompt_lengths)
            keys = self.model.embed_passages(batch.passages, batch.passage_lengths)
        keys = keys.float().flatten(0, 1)
        scores = queries.float().flatten(0, 1) @ keys.T
        remembered = torch.cat((scores, queries.float().flatten(0, 1) @ self.memory.T), 1)
        positive = torch.nn.functional.pad(batch.positive, (0, len(self.memory)))
        loss = contrastive_loss(remembered / phase.student_tau, positive)
        self._descend(phase.retrieval * loss)
        self.memory = torch.cat((self.memory, keys.detach()))[-phase.memory :] if phase.memory else self.memory
        recall = (scores.argmax(1) == batch.gold_column()).float().mean()
        return {"search.nce": loss.item(), "search.recall@1": recall.item()}

    def _descend(self, loss: Tensor) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad()
        self.adam.zero_grad()

    @torch.no_grad()
    def _candidates(self, batch: Batch, passages: Passages, phase: Phase, k: int) -> Tensor:
        """What the model retrieves for each question from the whole batch, `[G·Q, k]`, the gold passage among it mostly."""
        queries = self.model.embed_queries(batch.prompts, batch.prompt_lengths).float().flatten(0, 1)
        rows = (queries @ passages.embeddings.float().flatten(0, 1).T).topk(k, 1).indices
        gold = batch.gold_column()
        missing = ~(rows == gold[:, None]).any(1) & (torch.rand(len(rows)) < phase.gold)
        rows[missing, -1] = gold[missing]
        return rows

    def _distillation(self, batch: Batch, passages: Passages, queries: Tensor, start: int, phase: Phase) -> Tensor:
        """KL between what each candidate alone does for the answer, and the retrieval scores of the candidates."""
        k = phase.distil_candidates
        asked = torch.randperm(batch.gold.numel())[: phase.distil_questions]
        rows = self._candidates(batch, passages, phase, k)[asked]
        take = lambda x: x.flatten(0, 1)[asked][:, None].expand(-1, k, *x.shape[2:])
        prompts, answers = take(batch.prompts), take(batch.answer)[:, :, :-1] > 0
        one_each = torch.eye(k, dtype=torch.bool).expand(len(asked), k, k)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            alone = self.model.read(prompts, take(batch.prompt_lengths[..., None])[..., 0], start, passages.choose(rows), one_each)
            logits = self.model.logits(alone.hidden[:, :, :-1][answers]).float()
            log_probability = logits.log_softmax(-1).gather(1, prompts[:, :, 1:][answers][:, None])[:, 0]
            owner = torch.arange(len(asked) * k).view(-1, k, 1).expand(answers.shape)[answers]
            totals = torch.zeros(len(asked) * k).index_add_(0, owner, log_probability)
        keys = passages.embeddings.float().flatten(0, 1)[rows]
        scores = (queries.float().flatten(0, 1)[asked][:, None] @ keys.transpose(1, 2))[:, 0]
        return distillation_loss(scores, totals.view(-1, k), phase.teacher_tau, phase.student_tau)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Trains a model by a recipe; the same command goes on after Ctrl-C.")
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--encyclopedia", type=Path, default=Path("Examples/encyclopedia"))
    parser.add_argument("--iso-codes", type=Path, default=Path("/usr/share/iso-codes/json"))
    parser.add_argument("--init", type=Path, help="Hugging Face directory of a Llama-family model to start from")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = Recipe.from_json(json.loads(options.recipe.read_text(encoding="utf-8")))
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    trainer = Trainer(recipe, options)
    stop_on_signals(trainer)
    trainer.run()


if __name__ == "__main__":
    main()
