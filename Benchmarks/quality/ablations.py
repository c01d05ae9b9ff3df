#!/usr/bin/env python3
"""Short runs of the trainer with one thing changed, and what each finds and answers: the paper's Table 3 and Figure 2.

    ablations.py --base DIR --data DIR [--runs NAME,…] [--steps N] [--threads N] [--limit N]

Every run starts from the base and takes as many steps as the others, a task more taking them from the rest; DATA is a folder of
`imprag-prepare`. Runs and results that are there already are kept, so the same command goes on after it was cut off. Then
`run.py --parts report` has the tables.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import sources
import vectors

RECIPE = sources.ROOT / "Training/recipes/wiki-135m.json"
RESULTS = sources.ROOT / "Benchmarks/quality/results/ablations"
WARM_UP = {"search": 0.45, "read": 0.45, "plain": 0.1}


def boundaries(bottom, top):
    """What a recipe says of other boundaries: the layers below b are trained whole, and what makes embeddings in layer b."""
    below = "|".join(map(str, range(bottom)))
    full = rf"layers\.({below})\..*|layers\.{bottom}\.(input_layernorm\.weight|self_attn\.[qk]_proj\.weight)"
    return {"full": full, "imprag": {"bottom_boundary": bottom, "top_boundary": top}}


# Of each run, what its recipe changes. The second stage of the third follows the first as in the paper, in the middle of the run.
RUNS = {
    "warm-up": {"tasks": WARM_UP},
    "self-distillation": {"tasks": {"distil": 0.45, "read": 0.45, "plain": 0.1}, "fit": 0},
    "warm-up, then self-distillation": {"tasks": WARM_UP, "second": {"distil": 0.3, "search": 0.15, "read": 0.45, "plain": 0.1}},
    "b = 2": {"tasks": WARM_UP, **boundaries(2, 26)},
    "b = 8": {"tasks": WARM_UP, **boundaries(8, 26)},
    "t = 20": {"tasks": WARM_UP, **boundaries(4, 20)},
    "t = 29": {"tasks": WARM_UP, **boundaries(4, 29)},
    # No ablation: what RA-DIT retrieves with. Its steps are those that the shipped model searched in.
    "retriever alone": {"tasks": {"search": 1.0}, "steps": 255},
}


def recipe(name, steps):
    """The recipe of a run."""
    found = json.loads(RECIPE.read_text())
    changes = dict(RUNS[name])
    second = changes.pop("second", None)
    found["imprag"] |= changes.pop("imprag", {})
    found |= {"steps": steps, "stages": [], "adapter": False} | changes
    if second:
        found["stages"] = [{"from": found["steps"] // 2, "tasks": second}]
    return found


def train(name, options):
    """Trains a run, or goes on with it; returns the model's directory."""
    folder = options.folder / name.replace(" ", "").replace(",", "-").replace("=", "")
    model, described = folder / "latest", json.dumps(recipe(name, options.steps), indent=2) + "\n"
    told = folder / "recipe.json"
    if told.exists() and told.read_text() != described:
        raise SystemExit(f"{folder} is a run of another recipe; remove it or give --folder another name")
    folder.mkdir(parents=True, exist_ok=True)
    told.write_text(described)
    if not (model / "model.safetensors").exists():
        command = [sys.executable, "-m", "imprag_training.adapt", "--recipe", told, "--base", options.base, "--data", options.data]
        command += ["--run", folder, "--threads", str(options.threads), "--device", "cpu"]
        paths = os.environ | {"PYTHONPATH": str(sources.ROOT / "Training")}
        subprocess.run(command, check=True, env=paths)
        (folder / "state.pt").unlink()
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=vectors.FOLDER / "ablations", help="where runs are kept")
    parser.add_argument("--runs", default=";".join(name for name in RUNS if "alone" not in name), help="names, apart by semicolons")
    parser.add_argument("--imprag", default=str(sources.ROOT / ".build/release/imprag"))
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=int, default=150, help="questions that are answered")
    parser.add_argument("--only-train", action="store_true")
    options = parser.parse_args()
    names = [name.strip() for name in options.runs.split(";")]
    if unknown := set(names) - set(RUNS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; runs are {'; '.join(RUNS)}")
    for name in names:
        model = train(name, options)
        if options.only_train:
            continue
        command = [sys.executable, "run.py", "--model", model, "--label", name, "--imprag", options.imprag, "--without-minilm"]
        command += ["--parts", "retrieval,answers", "--sets", "entities", "--limit", str(options.limit), "--results", RESULTS]
        subprocess.run(command, check=True, cwd=pathlib.Path(__file__).parent)


if __name__ == "__main__":
    main()
