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
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from .adapt_recipe import AdaptRecipe
from .adapter import merge, write_adapter
from .checkpoint import load_model, load_weights, save_weights
from .errors import Failure
from .gate import Gate
from .lora import adapt, merged, pairs
from .muon import Muon
from .prepared import Prepared
from .stopping import stop_on_signals
from .tasks import Tasks
from .text import Layout


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

    def __init__(
        self, recipe: AdaptRecipe, base: Path, data: Path, folder: Path, device: str | None = None, start: Path | None = None
    ) -> None:
        """`device`: `cpu`, `cuda`, …; None takes a GPU where there is one. `start`: the folder of a run whose weights this one
        begins with, its schedule being its own; it must have trained the same weights of the same base."""
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
        prepared = Prepared(data, self.layout, config.kv_heads * config.head_size)
        self.tasks = Tasks(recipe, self.model, prepared, self.layout, self.device, self.dtype)
        self.gate = Gate(recipe.gate, data, self.layout) if recipe.gate else None
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
        # Steps before the first, of the run that this one began with: their batches are not drawn again.
        self.drawn = 0
        self.board = None
        if self.processes.is_first:
            try:
                from torch.utils.tensorboard import SummaryWriter

                self.board = SummaryWriter(str(folder / "tensorboard"))
            except ImportError:
                print("TensorBoard is not installed: log.jsonl has everything", flush=True)
        if self.gate:
            with self.precision():
                self.gate.base = self.gate.measure(self.model)
        if self._resume():
            return
        if start is not None:
            state = self._load(start / "state.pt")
            self.drawn = state["drawn"] + state["step"]
        elif recipe.fit and prepared.query_targets is not None:
            self.tasks.fit()

    def precision(self) -> torch.autocast:
        """What products are computed in."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16)

    # ------------------------------------------------------------------------------------------ checkpoints

    def _trained(self) -> dict[str, Tensor]:
        return {n: p.detach() for n, p in self.model.named_parameters() if p.requires_grad}

    def _resume(self) -> bool:
        """Loads the checkpoint; false where there is none."""
        path = self.folder / "state.pt"
        if not path.exists():
            return False
        state = self._load(path)
        for optimizer, own_state in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(own_state)
        self.step, self.drawn = state["step"], state["drawn"]
        return True

    def _load(self, path: Path) -> dict:
        """Takes the weights of a checkpoint, which it returns."""
        state = torch.load(path, weights_only=True, map_location=self.device)
        own = self._trained()
        if {n: t.shape for n, t in state["weights"].items()} != {n: t.shape for n, t in own.items()}:
            raise ValueError(f"{path} trained other weights than this recipe's `full`, `lora` and `rank` say")
        for name, tensor in state["weights"].items():
            own[name].copy_(tensor)
        return state

    def save(self) -> None:
        """Writes the checkpoint; a crash in between leaves the old one."""
        if not self.processes.is_first:
            return
        state = {"weights": self._trained(), "optimizers": [o.state_dict() for o in self.optimizers]}
        state |= {"step": self.step, "drawn": self.drawn}
        self._write(state, "state.pt")
        if self.gate and self._passes_gate():
            self._write({"weights": state["weights"], "step": self.step}, "passed.pt")

    def _write(self, state: dict, name: str) -> None:
        torch.save(state, self.folder / f"{name}.new")
        os.replace(self.folder / f"{name}.new", self.folder / name)

    def _passes_gate(self) -> bool:
        """Measures the checkpoint and writes a line of `gate.jsonl`."""
        with self.precision():
            figures = self.gate.measure(self.model)
        excess = self.gate.excess(figures)
        with (self.folder / "gate.jsonl").open("a") as log:
            rounded = {name: round(value, 4) for name, value in figures.items()}
            log.write(json.dumps({"step": self.step} | rounded | {"passed": excess is None}) + "\n")
        print(f"{self.step:,}: " + (f"not past the gate: {excess}" if excess else "past the gate"), flush=True)
        return excess is None

    def _take_passed(self) -> int:
        """Where the last checkpoint did not pass the gate, takes the weights of the last one that did, whose step it returns.

        Raises `Failure` when none did.
        """
        passed = self.folder / "passed.pt"
        if not passed.exists():
            raise Failure(f"no checkpoint passed the gate, so no model is written; {self.folder}/gate.jsonl has the figures of each")
        step = self._load(passed)["step"]
        if step != self.step:
            print(f"the model is that of step {step:,}, the last one that passed the gate", flush=True)
        return step

    def export(self) -> None:
        """Writes `latest/`, the model as a Hugging Face directory, and `adapter.safetensors` where the recipe wants one."""
        if not self.processes.is_first:
            return
        step = self._take_passed() if self.gate else self.step
        latest = self.folder / "latest"
        if not self.recipe.adapter:
            save_weights(merged(self.model), self.model.config, self.layout.tokenizer, latest)
            return
        base = {name: tensor.float().numpy() for name, tensor in load_weights(self.base).items()}
        numbers = lambda tensor: tensor.detach().float().cpu().numpy()
        low_rank = {name: (numbers(a), numbers(b), scale) for name, (a, b, scale) in pairs(self.model).items()}
        whole = {name: numbers(tensor) for name, tensor in self._trained().items() if not name.endswith((".A", ".B"))}
        recipe = {key: value for key, value in asdict(self.recipe).items() if key not in ("data", "imprag")}
        write_adapter(self.folder / "adapter.safetensors", base, low_rank, whole, {"imprag": self.recipe.imprag, "recipe": recipe, "step": step})
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
            self.tasks.recipe = r = whole.at(self.step)
            rates = [r.full_lr, r.lora_lr, r.muon_lr]
            for group, rate in zip([g for o in self.optimizers for g in o.param_groups], rates):
                group["lr"] = rate * r.rate(self.step)
            start, report = time.monotonic(), {}
            # All processes and tasks of a step draw what their place says, whether the run was killed before or not.
            for part in range(r.accumulate):
                place = (((self.drawn + self.step) * r.accumulate) + part) * self.processes.count + self.processes.index
                rng = random.Random(r.seed * 1_000_003 + place)
                torch.manual_seed(r.seed * 1_000_003 + place)
                task = rng.choices(list(r.tasks), list(r.tasks.values()))[0]
                loss, own = self.tasks.loss(task, rng)
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
        self.save()
        self.export()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Adapts a pretrained Llama; the same command goes on after Ctrl-C or kill -9.")
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True, help="Hugging Face directory, as imprag-import makes it")
    parser.add_argument("--data", type=Path, required=True, help="prepared folder, as imprag-prepare makes it")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, log and the merged model")
    parser.add_argument("--start", type=Path, help="folder of a finished run to begin with the weights of")
    each = max(1, (os.cpu_count() or 1) // int(os.environ.get("WORLD_SIZE", "1")))
    parser.add_argument("--threads", type=int, default=each, help="of a CPU (default: %(default)s, all cores shared by the processes)")
    parser.add_argument("--device", help="cpu, cuda, …; default: a GPU where there is one")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        data = json.loads(options.recipe.read_text(encoding="utf-8"))
        run = Adaptation(AdaptRecipe.from_json(data), options.base, options.data, options.run, options.device, options.start)
    except (OSError, ValueError) as error:
        parser.exit(1, f"imprag-adapt: {error}\n")
    stop_on_signals(run)
    try:
        run.run()
    except Failure as failure:
        parser.exit(1, f"imprag-adapt: {failure}\n")


if __name__ == "__main__":
    main()
