"""Adapting a tiny model on text of our own: what is drawn, what is trained, and that a killed run goes on as if it had not been."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from imprag_training.adapt import Adaptation
from imprag_training.adapt_recipe import AdaptRecipe
from imprag_training.checkpoint import load_model, save_model
from imprag_training.config import ModelConfig
from imprag_training.corpora import read_corpus
from imprag_training.errors import Failure
from imprag_training.lora import adapt, merged, pairs
from imprag_training.model import ImpRAG
from imprag_training.prepare import prepare
from imprag_training.recipe import Recipe
from imprag_training.teach import retrieve, teach
from imprag_training.teacher import Teacher, ranked
from imprag_training.text import train_tokenizer
from imprag_training.unlabelled import BLANK, cloze, make

IMPRAG = {"bottom_boundary": 1, "top_boundary": 2, "top_k": 3, "max_passage_tokens": 48, "passage_encoding": "independent"}
RECIPE = {
    "seed": 5, "imprag": IMPRAG, "full": r"layers\.0\..*|layers\.1\.self_attn\.[qk]_proj\.weight", "lora": r"layers\.\d+\.(self_attn|mlp)\.\w+",
    "rank": 2, "alpha": 4, "steps": 12, "tasks": {"search": 0.4, "read": 0.3, "distil": 0.1, "plain": 0.2},
    "kinds": {"towns": 1.0}, "read_kinds": {"towns": 0.7, "made": 0.3}, "made_tasks": {"cloze": 2, "next": 1, "previous": 1}, "search_queries": 8, "search_passages": 6, "groups": 1,
    "group_passages": 3, "group_questions": 4, "plain_rows": 2, "plain_tokens": 24, "distil_questions": 2, "warmup": 2, "save_minutes": 0.0, "fit": 20,
    "stages": [{"from": 8, "tasks": {"read": 0.5, "distil": 0.5}, "lora_lr": 1e-4}],
}


def towns(count: int) -> list[dict]:
    """Articles about invented towns."""
    rng = random.Random(1)
    names = [f"{a}{b}" for a in ("Bel", "Kor", "Mar", "Tal", "Zen") for b in ("dorf", "holm", "mond", "stad", "wick", "ford", "berg", "ton", "by", "ness", "port", "field")]
    return [
        {"id": f"t{i}", "title": n, "text": f"{n} is a town in the north. It was founded in {rng.randrange(1100, 1900)} by Duke {rng.choice(names)}. Its river is the Lower {rng.choice(names)}."}
        for i, n in enumerate(names[:count])
    ]


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """A tiny base model and a prepared folder."""
    root = tmp_path_factory.mktemp("adapt")
    articles = towns(60)
    (root / "towns.jsonl").write_text("".join(json.dumps(a) + "\n" for a in articles))
    questions = [
        {"id": f"q{i}", "question": f"When was {a['title']} founded?", "answers": [a["text"].split("founded in ")[1][:4]], "title": a["title"]}
        for i, a in enumerate(articles)
    ]
    (root / "questions.jsonl").write_text("".join(json.dumps(q) + "\n" for q in questions))
    (root / "out.txt").write_text("beldorf\nq3\n")
    data = {
        "exclude": ["{here}/out.txt"],
        "corpora": [{"name": "towns", "path": "{here}/towns.jsonl", "licence": "ours"}],
        "datasets": [{"name": "towns", "reader": "questions", "path": "{here}/questions.jsonl", "licence": "ours"}],
    }
    counts = prepare(data, {"here": str(root)}, root / "data", 1)
    assert counts == {"towns": 58, "passages": 59}
    tokenizer = train_tokenizer([a["text"] for a in articles], 400)
    size = tokenizer.get_vocab_size()
    config = {
        "vocab_size": size, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 8, "rms_norm_eps": 1e-5, "rope_theta": 1e4, "tie_word_embeddings": True, "bos_token_id": size - 2, "eos_token_id": size - 1,
    }
    model = ImpRAG(ModelConfig.from_json(config, IMPRAG))
    model.initialise(3)
    save_model(model, tokenizer, root / "base")
    teach(root / "data", str(root / "base"), 48, "cpu")
    return root / "base", root / "data"


def adaptation(folders: tuple[Path, Path], run: Path, **changes) -> Adaptation:
    return Adaptation(AdaptRecipe.from_json(RECIPE | changes), *folders, run, "cpu")


def losses(run: Path) -> list[dict]:
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if not k.endswith("seconds")} for row in rows]


def test_what_is_excluded_is_in_no_training_file(folders):
    log = [json.loads(line) for line in (folders[1] / "trained-on.jsonl").read_text().splitlines()]
    ids = {kind: {row["id"] for row in log if row["kind"] == kind} for kind in ("question", "passage")}
    assert "q0" not in ids["question"] and "q3" not in ids["question"] and "q1" in ids["question"]
    assert "t0" not in ids["passage"] and "t1" in ids["passage"]


def test_lora_starts_as_the_base_and_merges_into_what_it_computes(folders):
    base = load_model(folders[0])
    plain = load_model(folders[0])
    adapt(base, RECIPE["full"], RECIPE["lora"], 2, 4)
    tokens, lengths = torch.arange(10)[None, None], torch.tensor([[10]])
    assert torch.equal(base.read(tokens, lengths, 0, None).hidden, plain.read(tokens, lengths, 0, None).hidden)
    assert "layers.0.mlp.up_proj.weight" not in pairs(base) and "layers.3.mlp.up_proj.weight" in pairs(base)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in base.named_parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn(parameter.shape, generator=generator))
    plain.load_state_dict(merged(base))
    torch.testing.assert_close(base.read(tokens, lengths, 0, None).hidden, plain.read(tokens, lengths, 0, None).hidden, rtol=1e-4, atol=1e-4)


def test_layers_run_again_for_their_gradients_give_the_same_ones(folders, tmp_path):
    grads = []
    for checkpointing in (False, True):
        run = adaptation(folders, tmp_path / str(checkpointing), checkpointing=checkpointing)
        loss, _ = run.tasks.loss("read", random.Random(4))
        loss.backward()
        grads.append({n: p.grad.clone() for n, p in run.model.named_parameters() if p.grad is not None})
    assert grads[0].keys() == grads[1].keys()
    for name in grads[0]:
        torch.testing.assert_close(grads[0][name], grads[1][name], rtol=1e-4, atol=1e-6)


def test_every_task_trains_what_it_should(folders, tmp_path):
    run = adaptation(folders, tmp_path)
    for task in ("search", "read", "distil", "plain"):
        run.model.zero_grad()
        loss, report = run.tasks.loss(task, random.Random(2))
        assert torch.isfinite(loss) and all(np.isfinite(v) for v in report.values())
        loss.backward()
        touched = {n for n, p in run.model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
        assert "layers.0.mlp.up_proj.weight" in touched
        assert ("layers.3.mlp.up_proj.B" in touched) == (task in ("read", "plain"))


def test_a_run_that_was_killed_goes_on_with_the_same_losses(folders, tmp_path):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(RECIPE))

    def command(run: str) -> list[str]:
        return [sys.executable, "-m", "imprag_training.adapt", "--recipe", str(recipe), "--base", str(folders[0]), "--data", str(folders[1]),
                "--run", str(tmp_path / run), "--device", "cpu", "--threads", "1"]

    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(command("whole"), check=True, env=environment, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(command("killed"), env=environment, stdout=subprocess.DEVNULL)
    log = tmp_path / "killed" / "log.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (log.exists() and log.read_text().count("\n") >= 4):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert log.read_text().count("\n") >= 4
    subprocess.run(command("killed"), check=True, env=environment, stdout=subprocess.DEVNULL)
    # A step whose checkpoint was not there yet is made again: its losses stand twice and must be the same.
    seen: dict[int, dict] = {}
    for row in losses(tmp_path / "killed"):
        assert seen.setdefault(row["step"], row) == row
    assert list(seen.values()) == losses(tmp_path / "whole")
    for name in ("adapter.safetensors", "latest/model.safetensors"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_run_begins_with_the_weights_of_another_and_refuses_those_of_another_kind(folders, tmp_path):
    first = adaptation(folders, tmp_path / "first", steps=2)
    first.run()
    second = Adaptation(first.recipe, *folders, tmp_path / "second", "cpu", start=tmp_path / "first")
    assert (second.step, second.drawn) == (0, 2)
    for name, tensor in second._trained().items():
        assert torch.equal(tensor, first._trained()[name]), name
    with pytest.raises(ValueError, match="`rank`"):
        Adaptation(AdaptRecipe.from_json(RECIPE | {"rank": 3}), *folders, tmp_path / "third", "cpu", start=tmp_path / "first")


def test_documents_without_questions_are_enough_with_words_as_the_teacher(folders, tmp_path):
    (tmp_path / "notes").mkdir()
    for article in towns(30):
        (tmp_path / "notes" / f"{article['id']}.md").write_text(f"# {article['title']}\n\n{article['text']}\n")
    data = {"corpora": [{"name": "notes", "path": "{notes}", "licence": "ours"}], "made": {"per_passage": 2, "tasks": {"cloze": 1}}}
    counts = prepare(data, {"notes": str(tmp_path / "notes")}, tmp_path / "data", 1)
    assert counts["passages"] == 30 and counts["made"] >= 30
    teach(tmp_path / "data", "bm25", 48, "cpu")
    run = Adaptation(AdaptRecipe.from_json(RECIPE | {"kinds": {"made": 1}, "read_kinds": {"made": 1}}), folders[0], tmp_path / "data", tmp_path / "run", "cpu")
    loss, report = run.tasks.loss("search", random.Random(1))
    assert torch.isfinite(loss) and report.keys() == {"search.nce", "search.hit"}
    assert torch.isfinite(run.tasks.loss("read", random.Random(1))[0])


def test_markdown_is_cut_at_its_headings(tmp_path):
    (tmp_path / "parcels.md").write_text("# Parcels\nAny box.\n## Size\nUp to 1 m.\n```\n# no heading\n```\n### Abroad\nUp to 60 cm.\n## Price\n4 crowns.\n")
    (tmp_path / "note.txt").write_text("Plain text.")
    found = [(p.title, p.text) for p in read_corpus(tmp_path)]
    assert found == [
        ("note", "Plain text."), ("Parcels", "Any box."), ("Parcels: Size", "Up to 1 m.\n```\n# no heading\n```"), ("Parcels: Size: Abroad", "Up to 60 cm."),
        ("Parcels: Price", "4 crowns."),
    ]


def test_ranks_over_a_corpus_are_those_of_the_batch_teacher():
    passages = [f"{a['title']} {a['text']}" for a in towns(40)]
    questions = ["When was Korholm founded by Duke?", "the river of Taldorf"]
    rows, scores = ranked(questions, passages, 5)
    wanted = torch.topk(Teacher(passages).scores(questions, passages), 1).indices[:, 0]
    assert rows[:, 0].tolist() == wanted.tolist() and (np.diff(scores, axis=1) <= 0).all()


def test_a_model_reads_what_it_finds_itself(folders, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(folders[1], data)
    retrieve(data, folders[0], None)
    run = Adaptation(AdaptRecipe.from_json(RECIPE | {"retrieved": 1.0, "read_kinds": {"towns": 1}}), folders[0], data, tmp_path / "run", "cpu")
    rows, questions = run.tasks._group(random.Random(3))
    asked = [row for _, _, _, row in questions if row >= 0]
    found = [set(run.tasks.data.retrieved[row][:3].tolist()) | set(run.tasks.data.queries[row]["gold"]) for row in asked]
    assert any(set(rows) <= f for f in found)


@pytest.fixture(scope="module")
def gated(folders, tmp_path_factory) -> tuple[Path, Path]:
    """The same base, and a prepared folder of which some is kept for the gate; with instructions."""
    root = tmp_path_factory.mktemp("gated")
    articles = towns(60)
    (root / "towns.jsonl").write_text("".join(json.dumps(a) + "\n" for a in articles))
    (root / "questions.jsonl").write_text(
        "".join(
            json.dumps({"id": f"q{i}", "question": f"When was {a['title']} founded?", "answers": [a["text"].split("founded in ")[1][:4]], "title": a["title"]}) + "\n"
            for i, a in enumerate(articles[:40])
        )
    )
    (root / "told.jsonl").write_text(
        "".join(json.dumps({"instruction": f"Write the number after {i}.", "input": "In digits.", "output": str(i + 1)}) + "\n" for i in range(20))
        + json.dumps({"instruction": "Say nothing.", "output": ""}) + "\n"
    )
    data = {
        "gate": 6, "corpora": [{"name": "towns", "path": "{here}/towns.jsonl", "licence": "ours"}],
        "datasets": [
            {"name": "towns", "reader": "questions", "path": "{here}/questions.jsonl", "licence": "ours"},
            {"name": "told", "reader": "instructions", "path": "{here}/told.jsonl", "licence": "ours"},
        ],
    }
    counts = prepare(data, {"here": str(root)}, root / "data", 1)
    assert counts["passages"] == 54 and counts["towns"] + counts["told"] == 54
    teach(root / "data", "bm25", 48, "cpu")
    return folders[0], root / "data"


def test_what_the_gate_measures_by_is_in_no_training_file(gated):
    rows = [json.loads(line) for line in (gated[1] / "gate.jsonl").read_text().splitlines()]
    trained = {json.loads(line)["text"] for name in ("passages", "queries") for line in (gated[1] / f"{name}.jsonl").read_text().splitlines()}
    assert len(rows) == 12 and sum("answer" in row for row in rows) == 6
    assert not trained & {row["text"] for row in rows}


def test_instructions_are_answered_without_passages(gated, tmp_path):
    run = adaptation(gated, tmp_path, plain_kinds={"told": 1.0})
    asked = {row["text"]: row for row in run.tasks.data.queries if row["kind"] == "told"}
    assert all(text.endswith("\n\nIn digits.") and row["gold"] == [] and row["template"] == "plain" for text, row in asked.items())
    loss, report = run.tasks.loss("plain", random.Random(1))
    assert torch.isfinite(loss) and report["plain.closed"] > 0


def test_the_model_is_the_last_checkpoint_that_passed_the_gate(gated, tmp_path):
    run = adaptation(gated, tmp_path, gate={"perplexity": 1.5, "closed": 1.5}, steps=3, fit=0, tasks={"plain": 1.0})
    run.step = 2
    run.save()
    passed = {name: tensor.clone() for name, tensor in run._trained().items()}
    measured = run.gate.base["perplexity"]
    with torch.no_grad():
        for tensor in run._trained().values():
            tensor.add_(1)
    # So small a model knows nothing that it could lose.
    run.gate.base["perplexity"] = 1.0
    run.step = 3
    run.save()
    lines = [json.loads(line) for line in (tmp_path / "gate.jsonl").read_text().splitlines()]
    assert [(line["step"], line["passed"]) for line in lines] == [(2, True), (3, False)]
    assert lines[0]["perplexity"] == pytest.approx(measured, rel=1e-3)
    run.export()
    assert all(torch.equal(tensor, passed[name]) for name, tensor in run._trained().items())
    with safe_open(tmp_path / "adapter.safetensors", "np") as file:
        assert file.metadata()["step"] == "2"


def test_a_run_without_a_checkpoint_past_the_gate_writes_no_model(gated, tmp_path):
    run = adaptation(gated, tmp_path, gate={"perplexity": 1.0}, fit=0)
    run.gate.base = {"perplexity": 1.0, "closed": 1.0}
    run.save()
    with pytest.raises(Failure, match="no checkpoint passed"):
        run.export()
    assert not (tmp_path / "latest").exists() and (tmp_path / "state.pt").exists()


def test_a_gate_needs_what_it_measures_by(folders, tmp_path):
    with pytest.raises(ValueError, match="prepare again"):
        adaptation(folders, tmp_path, gate={"perplexity": 1.2})
    with pytest.raises(ValueError, match="perplexity and closed"):
        adaptation(folders, tmp_path, gate={"loss": 1.2})


def test_cloze_questions_mask_a_span_that_stands_once():
    rng = random.Random(1)
    text, answer = cloze("It was founded in 1872 by Duke Korholm of Mark.", "Beldorf", rng)
    assert text.count(BLANK) == 1 and text.replace(BLANK, answer) == "It was founded in 1872 by Duke Korholm of Mark."
    assert cloze("Nothing here to ask for.", None, rng) is None
    assert cloze("The town of Beldorf is old.", "Beldorf", rng) is None


def test_neighbouring_sentences_are_asked_for_from_either_side():
    sentences = ["One stands first.", "Two follows it."]
    assert make("next", sentences, None, random.Random(1)) == ("Which sentence comes after this one? One stands first.", "Two follows it.")
    assert make("previous", sentences, None, random.Random(1)) == ("Which sentence comes before this one? Two follows it.", "One stands first.")
    assert make("next", sentences[:1], None, random.Random(1)) is None
    with pytest.raises(ValueError, match="cloze, next or previous"):
        make("riddle", sentences, None, random.Random(1))


def test_stages_change_a_recipe_from_their_step_on():
    recipe = AdaptRecipe.from_json(RECIPE)
    assert recipe.at(7) == recipe and recipe.at(8).tasks == {"read": 0.5, "distil": 0.5} and recipe.at(11).lora_lr == 1e-4
    with pytest.raises(ValueError, match="rank"):
        AdaptRecipe.from_json(RECIPE | {"stages": [{"from": 3, "rank": 4}]})


def test_an_unknown_key_of_a_recipe_is_named():
    with pytest.raises(ValueError, match="tau_r"):
        AdaptRecipe.from_json(RECIPE | {"tau_r": 1})


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "recipes").glob("*.json")), ids=lambda p: p.stem)
def test_every_recipe_is_one_that_is_read(path):
    data = json.loads(path.read_text())
    if "phases" in data:
        assert Recipe.from_json(data).phases
    else:
        recipe = AdaptRecipe.from_json(data)
        # A recipe that goes on from another takes the data that are prepared already.
        assert (recipe.data or {"corpora": "further" in path.name})["corpora"] and 0 < sum(recipe.tasks.values()) and recipe.rate(recipe.steps - 1) == pytest.approx(0.1)
