"""Imports of other families than plain Llama: the runtime's tiny models of each, whose logits `transformers` has computed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gguf_files import write_gguf
from imprag_training.config import ModelConfig
from imprag_training.errors import Failure
from imprag_training.families import as_plain, family_of
from imprag_training.importing import import_model, main
from imprag_training.tensors import SafeTensors
from test_import import IMPRAG, reference_tokenizer

FAMILIES = Path(__file__).resolve().parents[2] / "Tests" / "ModelTests" / "Families"
# What `config.json` must say so that the runtime computes the same; the others are plain.
MARKS = {
    "llama": {"model_type": "llama", "attention_bias": False, "mlp_bias": False},
    "llama-biases": {"model_type": "llama", "attention_bias": True, "mlp_bias": True},
    "smollm": {"model_type": "llama", "tie_word_embeddings": True},
    "mistral": {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 5},
    "mistral-whole": {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "head_dim": 6},
    "qwen2": {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]},
    "qwen2-window": {"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 4, "max_window_layers": 2},
    "qwen3": {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "head_dim": 6},
    "qwen3-biases": {"model_type": "qwen3", "attention_bias": True, "head_dim": 8},
}


def source_of(name: str, folder: Path, **changes) -> tuple[dict, SafeTensors]:
    """The family's directory as somebody would download it: without an `imprag` object, with a tokenizer."""
    shutil.copytree(FAMILIES / name, folder)
    config = json.loads((folder / "config.json").read_text())
    del config["imprag"]
    config |= changes
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not ...}))
    reference_tokenizer("qwen2").save(str(folder / "tokenizer.json"))
    return config, SafeTensors(folder / "model.safetensors")


@pytest.mark.parametrize("name", MARKS)
def test_a_directory_of_every_family_is_taken_over(tmp_path, name):
    _, weights = source_of(name, tmp_path / "hf")
    import_model(tmp_path / "hf", tmp_path / "out", IMPRAG | {"max_passage_tokens": 8})
    found = SafeTensors(tmp_path / "out" / "model.safetensors")
    assert set(found.entries) == set(weights.entries)
    for tensor in weights.entries:
        np.testing.assert_array_equal(found.array(tensor), weights.array(tensor), err_msg=tensor)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config | MARKS[name] == config
    # What was imported can be imported again.
    import_model(tmp_path / "out", tmp_path / "again")
    for file in ("config.json", "model.safetensors"):
        assert (tmp_path / "again" / file).read_bytes() == (tmp_path / "out" / file).read_bytes()


@pytest.mark.parametrize("name", ["llama-biases", "qwen2", "qwen3"])
def test_a_gguf_file_gives_the_directory_that_it_was_made_from(tmp_path, name):
    source, weights = source_of(name, tmp_path / "hf")
    config = ModelConfig.from_json(as_plain(source), IMPRAG)
    architecture = name.partition("-")[0]
    fields = {"tokenizer.ggml.tokens": ["a", "b", "ab"], "tokenizer.ggml.token_type": [1, 1, 1], "tokenizer.ggml.merges": ["a b"]}
    tensors = {tensor: weights.array(tensor) for tensor in weights.entries}
    fields["tokenizer.ggml.eot_token_id"] = None
    write_gguf(tmp_path / "m.gguf", config, tensors, {"": "BF16"}, "qwen2", fields, architecture=architecture)
    for file in ("hf", "m.gguf"):
        import_model(tmp_path / file, tmp_path / f"{file}.out", IMPRAG | {"max_passage_tokens": 8})
    for file in ("config.json", "model.safetensors"):
        assert (tmp_path / "m.gguf.out" / file).read_bytes() == (tmp_path / "hf.out" / file).read_bytes()


REFUSED = {
    "biases": ("qwen2", {"attention_bias": True}, "attention_bias is set, which means nothing"),
    "more biases": ("qwen3", {"mlp_bias": True}, "mlp_bias is set, which means nothing"),
    "biases without tensors": ("qwen3", {"attention_bias": True}, "q_proj.bias is missing"),
    "tensors without biases": ("llama-biases", {"mlp_bias": False}, "gate_proj.bias is none of a Llama model's"),
    "another family": ("qwen2", {"model_type": "qwen3", "head_dim": 4}, "q_norm.weight is missing"),
    "heads": ("qwen3", {"head_dim": None}, "head_dim is missing"),
    "key heads": ("mistral", {"num_key_value_heads": ...}, "num_key_value_heads is missing"),
    "a window": ("qwen2-window", {"sliding_window": "wide"}, "sliding_window is 'wide'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_runtime_would_not_compute_is_refused(tmp_path, name):
    family, changes, expected = REFUSED[name]
    source_of(family, tmp_path / "hf", **changes)
    with pytest.raises(Failure, match=expected):
        import_model(tmp_path / "hf", tmp_path / "out", IMPRAG)
    assert [path.name for path in tmp_path.iterdir()] == ["hf"]


def test_mistral_without_a_word_about_its_window_has_one():
    assert family_of({"model_type": "mistral", "num_key_value_heads": 2})[0].fields == {"sliding_window": 4096}
    assert family_of({"model_type": "mistral", "num_key_value_heads": 2, "sliding_window": None})[0].is_plain


def test_the_check_says_what_it_cannot_compute(tmp_path, capsys):
    pytest.importorskip("torch")
    source_of("qwen2", tmp_path / "hf")
    (tmp_path / "text").write_text("a text")
    arguments = [str(tmp_path / "hf"), "--out", str(tmp_path / "out"), "--max-passage-tokens", "8", "--check", str(tmp_path / "text")]
    assert main(arguments) == 1
    assert "this is a qwen2 model" in capsys.readouterr().err and not (tmp_path / "out").exists()
