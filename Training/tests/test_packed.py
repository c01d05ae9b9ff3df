"""GGUF files whose own numbers are kept: a weight is what it was to the last bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gguf_files import write_gguf
from imprag_training.config import ModelConfig
from imprag_training.errors import Failure
from imprag_training.importing import expected_shapes, import_model, main
from imprag_training.tensors import SafeTensors, widened


def config_of(tied: bool) -> ModelConfig:
    """Rows of 256 and 512, for the K types."""
    return ModelConfig.from_json({
        "vocab_size": 320, "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 3, "num_attention_heads": 8,
        "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": tied, "bos_token_id": 0, "eos_token_id": 1,
        "imprag": {"bottom_boundary": 1, "top_boundary": 2, "top_k": 2, "max_passage_tokens": 16, "passage_encoding": "independent"},
    })


def weights_of(config: ModelConfig) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    return {name: random.normal(scale=0.05, size=shape).astype(np.float32) for name, shape in expected_shapes(config).items()}


def meaning(file: SafeTensors, name: str) -> np.ndarray:
    """The numbers of a matrix, in float32 and in the order in which `gguf` multiplies."""
    entry, raw = file.entries[name], np.asarray(file.bytes(name))
    scales = file.array(f"{name}_scale")
    if entry.dtype == "I8":
        scales = scales.reshape(entry.rows, -1)
        return raw.view(np.int8).astype(np.float32) * np.repeat(scales, entry.columns // scales.shape[1], axis=1)
    numbers = np.stack([raw & 15, raw >> 4], axis=2).reshape(entry.rows, -1)
    columns = numbers.shape[1]
    groups = file.array(f"{name}_groups").astype(np.float32)
    by = groups.shape[1] // scales.shape[1]
    steps = np.repeat(scales, by, axis=1) * groups[..., 0]
    lows = np.repeat(file.array(f"{name}_minimum"), by, axis=1) * groups[..., 1]
    return np.repeat(steps, 32, axis=1) * numbers.astype(np.float32) - np.repeat(lows, 32, axis=1)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q4_K", "Q8_0"])
def test_weights_are_what_gguf_says_they_are(tmp_path, kind, tied):
    config = config_of(tied)
    types = {"norm.weight": "F32", "embed_tokens.weight": kind, ".weight": kind}
    write_gguf(tmp_path / "a.gguf", config, weights_of(config), types)
    import_model(tmp_path / "a.gguf", tmp_path / "floats", dtype="f32")
    import_model(tmp_path / "a.gguf", tmp_path / "packed", dtype="packed")
    floats, packed = (SafeTensors(tmp_path / name / "model.safetensors") for name in ("floats", "packed"))
    expected = {name: floats.array(name) for name in floats.entries}
    expected.setdefault("lm_head.weight", expected["model.embed_tokens.weight"])
    for name, weights in expected.items():
        if name == "model.embed_tokens.weight":
            assert packed.entries[name].dtype == "BF16"
        elif weights.ndim == 1:
            np.testing.assert_array_equal(packed.array(name), weights)
        elif kind == "Q4_1":
            # The file adds what is subtracted here: the same but for the rounding of one sum.
            np.testing.assert_allclose(meaning(packed, name), weights, rtol=0, atol=1e-8)
        else:
            np.testing.assert_array_equal(meaning(packed, name), weights)
    settings = json.loads((tmp_path / "packed" / "config.json").read_text())
    assert settings["quantization_config"] == {"quant_method": "imprag", "bits": 8 if kind == "Q8_0" else 4}
    assert settings["tie_word_embeddings"] is False


def test_other_types_become_int8_row_by_row(tmp_path):
    config = config_of(False)
    weights = weights_of(config)
    weights["model.layers.1.mlp.up_proj.weight"][5] = 0
    write_gguf(tmp_path / "a.gguf", config, weights, {"up_proj.weight": "F16", "norm.weight": "F32", "lm_head.weight": "BF16", ".weight": "Q4_0"})
    import_model(tmp_path / "a.gguf", tmp_path / "packed", dtype="packed")
    packed = SafeTensors(tmp_path / "packed" / "model.safetensors")
    for name in ("model.layers.1.mlp.up_proj.weight", "lm_head.weight"):
        assert packed.entries[name].dtype == "I8" and packed.entries[f"{name}_scale"].shape == (weights[name].shape[0],)
        steps = np.abs(weights[name]).max(axis=1, keepdims=True) / 127
        assert (np.abs(meaning(packed, name) - weights[name]) <= 0.55 * steps + 5e-3 * np.abs(weights[name])).all()
    assert packed.entries["model.layers.1.mlp.down_proj.weight"].dtype == "U8"
    assert widened(np.asarray(packed.bytes("model.embed_tokens.weight")).view("<u2")).shape == (320, 256)


def test_only_gguf_files_have_packed_numbers_and_they_must_be_finite(tmp_path, capsys):
    config = config_of(False)
    weights = weights_of(config)
    weights["model.layers.2.mlp.up_proj.weight"][3, 4] = np.inf
    write_gguf(tmp_path / "a.gguf", config, weights)
    with pytest.raises(Failure, match="up_proj.*not finite"):
        import_model(tmp_path / "a.gguf", tmp_path / "packed", dtype="packed")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gguf"]
    assert main([str(tmp_path / "a.gguf"), "--out", str(tmp_path / "b"), "--dtype", "packed", "--check", str(tmp_path / "a.gguf")]) != 0
    assert "--check" in capsys.readouterr().err
