"""A run trains, stops, goes on, and exports what can be loaded again."""

import argparse
import json

import pytest
import torch
from tokenizers import Tokenizer

from conftest import ENCYCLOPEDIA, ISO_CODES
from imprag_training.checkpoint import load_model, save_model
from imprag_training.evaluate import Evaluator, evaluate, normalised
from imprag_training.recipe import Recipe
from imprag_training.train import Trainer


def recipe(**phase) -> Recipe:
    tasks = {"copy": 1, "recite": 1, "ask": 3, "search": 1, "plain": 1}
    first = {"name": "first", "steps": 12, "tasks": tasks, "batch": 8, "warmup": 3}
    return Recipe.from_json({
        "seed": 5, "muon_lr": 0.02, "adam_lr": 0.004, "weight_decay": 0.0,
        "model": {
            "vocab_size": 600, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4,
            "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "tie_word_embeddings": True,
        },
        "imprag": {
            "bottom_boundary": 1, "top_boundary": 2, "top_k": 3, "max_passage_tokens": 48, "passage_encoding": "independent",
        },
        "phases": [first | phase],
    })


def options(run, init=None) -> argparse.Namespace:
    return argparse.Namespace(run=run, init=init, encyclopedia=ENCYCLOPEDIA, iso_codes=ISO_CODES)


@pytest.mark.parametrize("phase", [{}, {"retrieved": True}, {"retrieved": True, "distil": True, "distil_questions": 4}])
def test_a_run_trains_and_resumes(world, tmp_path, phase):
    trainer = Trainer(recipe(**phase), options(tmp_path))
    before = {name: p.clone() for name, p in trainer.model.named_parameters()}
    trainer.run()
    assert (trainer.phase, trainer.total) == (1, 12)
    assert all(not torch.equal(before[name], p) for name, p in trainer.model.named_parameters())
    longer = Trainer(recipe(**phase), options(tmp_path))
    assert (longer.phase, longer.total) == (1, 12)
    assert all(torch.equal(a, b) for a, b in zip(trainer.model.parameters(), longer.model.parameters()))


def test_any_llama_directory_serves_as_a_start(world, model, tokenizer, tmp_path):
    save_model(model, tokenizer, tmp_path / "llama")
    path = tmp_path / "llama" / "config.json"
    plain = json.loads(path.read_text())
    del plain["imprag"]
    path.write_text(json.dumps(plain))
    trainer = Trainer(recipe(), options(tmp_path / "run", init=tmp_path / "llama"))
    assert trainer.model.config.top == 2 and trainer.model.config.vocabulary == model.config.vocabulary
    assert torch.equal(trainer.model.layers[0].mlp.up_proj.weight, model.layers[0].mlp.up_proj.weight.bfloat16().float())


def test_unknown_recipe_keys_are_named():
    with pytest.raises(ValueError, match="learning_rat"):
        recipe(learning_rat=1)


def test_export_loads_again(model, tokenizer, tmp_path):
    save_model(model, tokenizer, tmp_path)
    again = load_model(tmp_path)
    assert again.config == model.config
    assert all(torch.equal(a.bfloat16().float(), b) for a, b in zip(model.parameters(), again.parameters()))
    saved = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert saved.encode("Q: x").ids[0] == model.config.bos


def test_evaluation_counts_what_it_says(world, model, layout):
    passages = [{"id": str(n), "title": f"Name {n}", "text": f"The code of Name {n} is {n}{n}{n}."} for n in range(20)]
    questions = [{"id": "q", "question": "What is the code of Name 7?", "answers": ["777"], "passage": "7"}]
    evaluator = Evaluator(model, layout, passages)
    rows = evaluate(evaluator, questions, [2, 0])
    hits = evaluator.search(["What is the code of Name 7?"], 20)[0].tolist()
    assert sorted(hits) == list(range(20))
    assert rows[0]["own_rank"] == min(hits.index(7), 10) and rows[0]["right"][2] == (normalised(rows[0]["answer"][2]) == "777")
    assert normalised("The  Netherlands!") == "netherlands"
