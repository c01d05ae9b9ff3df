"""Imports: the model and the tokenizer are what they were, and what the runtime would not load is refused."""

import json
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from conftest import tiny_config
from gguf_files import vocabulary, write_gguf
from imprag_training.checkpoint import load_model
from imprag_training.config import ModelConfig, RopeScaling
from imprag_training.errors import Failure
from imprag_training.gguf_tokenizer import _LLAMA3, _QWEN2
from imprag_training.import_check import agreement, perplexity
from imprag_training.importing import default_boundaries, expected_shapes, import_model, main
from imprag_training.tensors import SafeTensors, rounded, widened

TEXTS = [
    "", " ", "the man and 12 hens", "  the\n\n\tthe12345's  ", "It's 2024, isn't IT'S", "naïve café — Ünïcödé", "日本語 と 한국어", "١٢٣ ४५",
    "<|start|>the<|end|>", "a\r\nb", "  \n  x", "word" * 20 + "!!!???", "🏳️‍🌈 e\u0301",
]


def weights_of(config: ModelConfig, seed: int = 1) -> dict[str, np.ndarray]:
    """Random ones, by name."""
    random = np.random.default_rng(seed)
    return {
        name: (random.normal(size=shape) * (shape[-1] ** -0.5 if len(shape) > 1 else 0.1) + (len(shape) == 1)).astype(np.float32)
        for name, shape in expected_shapes(config).items()
    }


def config_of(**changes) -> ModelConfig:
    """320 tokens, rows of 256 for the K types."""
    sizes = {"hidden": 256, "intermediate": 256, "heads": 8, "kv_heads": 2, "head_size": 32, "bos": 0, "eos": (1,)}
    return replace(tiny_config(320), **{**sizes, **changes})


def hugging_face(folder, config: ModelConfig, weights, shards: int = 1, **changes) -> None:
    """The directory that the GGUF file was made from, without an `imprag` object."""
    folder.mkdir()
    data = config.to_json("float32") | changes
    del data["imprag"]
    (folder / "config.json").write_text(json.dumps(data))
    reference_tokenizer("smollm").save(str(folder / "tokenizer.json"))
    if shards == 1:
        save_file(weights, folder / "model.safetensors")
        return
    places = {name: f"model-{number % shards:05}.safetensors" for number, name in enumerate(weights)}
    for place in set(places.values()):
        save_file({name: tensor for name, tensor in weights.items() if places[name] == place}, folder / place)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def reference_tokenizer(pre: str) -> Tokenizer:
    """As `tokenizers` builds it from its own classes."""
    tokens, types, merges = vocabulary(320)
    vocab = {token: number for number, token in enumerate(tokens) if types[number] != 5}
    whole = pre == "llama-bpe"
    tokenizer = Tokenizer(models.BPE(vocab, [tuple(merge.split(" ")) for merge in merges], ignore_merges=whole))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pre in ("smollm", "gpt-2"))
    before = {
        "smollm": [pre_tokenizers.Digits(individual_digits=True)],
        "gpt-2": [],
        "llama-bpe": [pre_tokenizers.Split(Regex(_LLAMA3), "isolated")],
        "qwen2": [pre_tokenizers.Split(Regex(_QWEN2), "isolated")],
    }[pre]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*before, byte_level])
    tokenizer.normalizer = normalizers.NFC() if pre == "qwen2" else None
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in tokens[:3]])
    return tokenizer


@torch.no_grad()
def logits(folder, ids=(0, 5, 70, 33, 8, 100, 7), imprag=None) -> torch.Tensor:
    model = load_model(folder, imprag)
    tokens = torch.tensor([[list(ids)]])
    return model.logits(model.read(tokens, torch.tensor([[len(ids)]]), 0, None).hidden)


IMPRAG = {"bottom_boundary": 1, "top_boundary": 2, "top_k": 3, "max_passage_tokens": 48, "passage_encoding": "segmented"}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("scaling", [None, RopeScaling(8.0, 1.0, 4.0, 8192)])
def test_a_gguf_file_gives_the_checkpoint_it_was_made_from(tmp_path, tied, scaling):
    config = config_of(tied=tied, rope_scaling=scaling, rope_theta=500000.0)
    weights = weights_of(config)
    hugging_face(tmp_path / "hf", config, weights)
    extra = {}
    if scaling is not None:
        # As the converter computes them.
        frequencies = 500000.0 ** -(np.arange(0, 32, 2) / 32)
        factors = []
        for wave in 2 * np.pi / frequencies:
            smooth = (8192 / wave - 1) / (4 - 1)
            factors.append(1 if wave < 8192 / 4 else 8 if wave > 8192 else 1 / ((1 - smooth) / 8 + smooth))
        extra["rope_freqs.weight"] = np.array(factors, np.float32)
    write_gguf(tmp_path / "m.gguf", config, weights, extra=extra)
    made = import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG, "f32")
    assert made == replace(config, passage_encoding="segmented")
    found = SafeTensors(tmp_path / "out" / "model.safetensors")
    assert list(found.entries) == list(weights)
    for name, tensor in weights.items():
        np.testing.assert_array_equal(found.array(name), tensor, err_msg=name)
    # The reference reads the original directory, not ours.
    assert torch.equal(logits(tmp_path / "out"), logits(tmp_path / "hf", imprag=IMPRAG))
    assert json.loads((tmp_path / "out" / "generation_config.json").read_text()) == {"bos_token_id": 0, "eos_token_id": [1, 2]}


def test_the_original_in_transformers_says_the_same(tmp_path):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    config = config_of()
    hf = transformers.LlamaForCausalLM(transformers.LlamaConfig(**{k: v for k, v in config.to_json("float32").items() if k != "imprag"}))
    weights = {name: tensor.numpy() for name, tensor in hf.state_dict().items() if name != "lm_head.weight"}
    write_gguf(tmp_path / "m.gguf", config, weights)
    import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG, "f32")
    ids = torch.tensor([[0, 5, 70, 33, 8, 100, 7]])
    with torch.no_grad():
        assert torch.allclose(logits(tmp_path / "out")[0], hf(ids).logits, atol=1e-5)
    equal, difference = agreement(tmp_path / "out", load_model(tmp_path / "out"), [[0, 5, 70], [0, 9]], 8)
    assert equal == 2 and difference < 1e-4


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1"])
def test_quantized_files_give_nearly_the_same_model(tmp_path, kind):
    config = config_of()
    weights = weights_of(config)
    write_gguf(tmp_path / "m.gguf", config, weights, {"proj.weight": kind, "embed_tokens.weight": "Q8_0"})
    import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    found = SafeTensors(tmp_path / "out" / "model.safetensors")
    assert {entry.dtype for entry in found.entries.values()} == {"BF16"}
    for name, tensor in weights.items():
        error = np.abs(found.array(name) - tensor).max() / np.abs(tensor).max()
        assert error < (0.15 if kind.startswith("Q4") else 0.01), name


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("dtype", ["bf16", "f32"])
def test_a_hugging_face_directory_is_taken_over(tmp_path, shards, dtype):
    config = config_of(eos=(1, 2))
    weights = weights_of(config)
    extra = {"model.layers.0.self_attn.rotary_emb.inv_freq": np.ones(16, np.float32), "lm_head.weight": weights["model.embed_tokens.weight"].copy()}
    hugging_face(tmp_path / "hf", config, {**weights, **extra}, shards)
    (tmp_path / "hf" / "LICENSE.txt").write_text("a licence")
    assert main([str(tmp_path / "hf"), "--out", str(tmp_path / "out"), "--dtype", dtype, "--bottom", "2", "--encoding", "concatenated"]) == 0
    found = SafeTensors(tmp_path / "out" / "model.safetensors")
    for name, tensor in weights.items():
        np.testing.assert_array_equal(found.array(name), tensor if dtype == "f32" else widened(rounded(tensor)), err_msg=name)
    own = json.loads((tmp_path / "out" / "config.json").read_text())["imprag"]
    assert own == {"bottom_boundary": 2, "top_boundary": 2, "top_k": 10, "max_passage_tokens": 160, "passage_encoding": "concatenated"}
    for name in ("tokenizer.json", "LICENSE.txt"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "hf" / name).read_bytes()
    # What was imported can be imported again, and keeps its own object.
    import_model(tmp_path / "out", tmp_path / "again", None, dtype)
    for name in ("config.json", "model.safetensors", "generation_config.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_the_chat_template_comes_along_wherever_it_stands(tmp_path):
    config = config_of()
    weights, settings = weights_of(config), {"bos_token": {"content": "<|start|>"}, "eos_token": "<|end|>", "model_max_length": 8}
    hugging_face(tmp_path / "hf", config, weights)

    def chat_files(source: str, target: str) -> dict[str, bytes]:
        import_model(tmp_path / source, tmp_path / target, IMPRAG)
        found = ("chat_template.jinja", "tokenizer_config.json")
        return {name: (tmp_path / target / name).read_bytes() for name in found if (tmp_path / target / name).exists()}

    assert chat_files("hf", "none") == {}
    (tmp_path / "hf" / "tokenizer_config.json").write_text(json.dumps(settings))
    assert chat_files("hf", "without") == {}
    (tmp_path / "hf" / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": "{{ bos_token }}é"}))
    files = chat_files("hf", "inside")
    del settings["model_max_length"]
    assert list(files) == ["tokenizer_config.json"]
    assert json.loads(files["tokenizer_config.json"]) == settings | {"chat_template": "{{ bos_token }}é"}
    (tmp_path / "hf" / "chat_template.jinja").write_bytes(b"its own\r\n")
    files = chat_files("hf", "beside")
    assert files["chat_template.jinja"] == b"its own\r\n" and json.loads(files["tokenizer_config.json"]) == settings
    assert chat_files("beside", "again") == files

    write_gguf(tmp_path / "m.gguf", config, weights, fields={"tokenizer.chat_template": "{{ eos_token }}\n"})
    files = chat_files("m.gguf", "gguf")
    assert files["chat_template.jinja"] == b"{{ eos_token }}\n"
    assert json.loads(files["tokenizer_config.json"]) == {"bos_token": "<|start|>", "eos_token": "<|end|>"}


@pytest.mark.parametrize("pre", ["smollm", "gpt-2", "llama-bpe", "qwen2"])
def test_the_tokenizer_is_the_one_that_the_file_names(tmp_path, pre):
    config = config_of()
    write_gguf(tmp_path / "m.gguf", config, weights_of(config), pre=pre)
    import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    made, reference = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json")), reference_tokenizer(pre)
    for special in (True, False):
        made.encode_special_tokens = reference.encode_special_tokens = special
        for text in TEXTS:
            ids = made.encode(text, add_special_tokens=False).ids
            assert ids == reference.encode(text, add_special_tokens=False).ids, text
            if special:
                assert made.decode(ids) == (unicodedata.normalize("NFC", text) if pre == "qwen2" else text)
    expected = [0] if pre == "llama-bpe" else []
    assert made.encode("the").ids[: len(expected)] == expected and made.encode("").ids == expected


@pytest.mark.parametrize("prefix", [True, False])
def test_sentencepiece_s_bpe_gives_sentencepiece_s_ids(tmp_path, prefix):
    sentencepiece = pytest.importorskip("sentencepiece", reason="sentencepiece is not installed")
    texts = ["The man and 12 hens went to the market.", "It's 2024, isn't it? The hens and the man", "naïve café the there then"] * 20
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_prefix=str(tmp_path / "m"), vocab_size=320, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=prefix, split_digits=True, minloglevel=2,
    )
    reference = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "m.model"))
    ids = range(reference.vocab_size())
    kinds = [2 if reference.is_unknown(n) else 3 if reference.is_control(n) else 6 if reference.is_byte(n) else 1 for n in ids]
    fields = {
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": None, "tokenizer.ggml.merges": None, "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.tokens": [reference.id_to_piece(n) for n in ids], "tokenizer.ggml.scores": [reference.get_score(n) for n in ids],
        "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2, "tokenizer.ggml.eot_token_id": None,
    } | ({} if prefix else {"tokenizer.ggml.add_space_prefix": False})
    config = config_of(vocabulary=len(ids))
    write_gguf(tmp_path / "m.gguf", config, weights_of(config), fields=fields)
    import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    made = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert made.encode("<s>").ids == [1, 1] and made.encode("").ids == [1]
    made.encode_special_tokens = True
    for text in [*TEXTS, *texts[:3]]:
        ids = made.encode(text, add_special_tokens=False).ids
        assert ids == reference.encode(text), text
        assert made.decode(ids) == text


def test_perplexity_of_a_uniform_model_is_the_size_of_its_vocabulary(tmp_path):
    config = config_of()
    weights = weights_of(config)
    weights["model.embed_tokens.weight"][:] = 0
    write_gguf(tmp_path / "m.gguf", config, weights)
    import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    assert perplexity(load_model(tmp_path / "out"), list(range(3, 60))) == pytest.approx(320, rel=1e-4)


def test_the_boundaries_of_the_paper_and_of_small_models():
    assert default_boundaries(28) == (7, 19) and default_boundaries(32) == (7, 23)
    for layers in range(1, 100):
        bottom, top = default_boundaries(layers)
        assert 0 <= bottom <= top < layers


REFUSED_KEYS = {
    "architecture": ({"general.architecture": "gemma"}, "gemma.*llama, qwen2, qwen3"),
    "another's keys": ({"general.architecture": "qwen2"}, "qwen2.attention.head_count is missing"),
    "experts": ({"llama.expert_count": 8}, "experts"),
    "heads": ({"llama.attention.head_count": None}, "head_count is missing"),
    "no heads": ({"llama.attention.head_count": 0}, "head_count is 0"),
    "layers": ({"llama.block_count": None}, "block_count"),
    "more layers": ({"llama.block_count": 5}, "layers.4.input_layernorm.weight is missing"),
    "fewer layers": ({"llama.block_count": 3}, "is none of a Llama model's"),
    "epsilon": ({"llama.attention.layer_norm_rms_epsilon": None}, "layer_norm_rms_epsilon"),
    "half a head": ({"llama.rope.dimension_count": 16}, "rope.dimension_count"),
    "yarn": ({"llama.rope.scaling.type": "yarn"}, "yarn"),
    "width": ({"llama.embedding_length": 128, "llama.attention.key_length": 32}, "instead of"),
    "text for a number": ({"llama.embedding_length": "wide"}, "whole number"),
    "unigram": ({"tokenizer.ggml.model": "t5"}, "byte-level BPE"),
    "no scores": ({"tokenizer.ggml.model": "llama"}, "tokenizer.ggml.scores must give"),
    "pre-tokenizer": ({"tokenizer.ggml.pre": "tekken"}, "tekken.*smollm"),
    "no pre-tokenizer": ({"tokenizer.ggml.pre": None}, "pre is None"),
    "no BOS": ({"tokenizer.ggml.bos_token_id": None}, "--bos"),
    "BOS": ({"tokenizer.ggml.bos_token_id": 400}, "400"),
    "EOS": ({"tokenizer.ggml.eos_token_id": 400}, "400"),
    "no EOS": ({"tokenizer.ggml.eos_token_id": None}, "eos_token_id is missing"),
    "no tokens": ({"tokenizer.ggml.tokens": None}, "tokens is missing"),
    "no merges": ({"tokenizer.ggml.merges": None}, "merges is missing"),
    "merges": ({"tokenizer.ggml.merges": ["x yz"]}, "x yz"),
    "types": ({"tokenizer.ggml.token_type": [1, 1]}, "token_type"),
    "tokens": ({"tokenizer.ggml.tokens": ["a"] * 320}, "twice"),
    "positions": ({"llama.context_length": 10}, "max_passage_tokens"),
}


@pytest.mark.parametrize("name", REFUSED_KEYS)
def test_gguf_files_that_the_runtime_could_not_use_are_refused(tmp_path, name, capsys):
    fields, expected = REFUSED_KEYS[name]
    config = config_of()
    write_gguf(tmp_path / "m.gguf", config, weights_of(config), fields=fields)
    with pytest.raises(Failure, match=expected):
        import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]
    assert main([str(tmp_path / "m.gguf"), "--out", str(tmp_path / "out"), "--max-passage-tokens", "48"]) == 1
    assert capsys.readouterr().err.startswith("imprag-import: ")


def test_tensors_that_are_no_plain_llama_s_are_refused(tmp_path):
    config = config_of()
    weights = weights_of(config)
    write_gguf(tmp_path / "bias.gguf", config, weights, extra={"blk.0.attn_q.bias": np.ones(256, np.float32)})
    with pytest.raises(Failure, match="q_proj.bias is none of a Llama model's"):
        import_model(tmp_path / "bias.gguf", tmp_path / "out", IMPRAG)
    write_gguf(tmp_path / "factors.gguf", config, weights, extra={"rope_freqs.weight": np.linspace(1, 9, 16, dtype=np.float32)})
    with pytest.raises(Failure, match="rope_freqs"):
        import_model(tmp_path / "factors.gguf", tmp_path / "out", IMPRAG)
    weights["model.norm.weight"][3] = np.nan
    write_gguf(tmp_path / "nan.gguf", config, weights)
    with pytest.raises(Failure, match="model.norm.weight holds numbers that are not finite"):
        import_model(tmp_path / "nan.gguf", tmp_path / "out", IMPRAG)


def test_the_command_checks_what_it_made(tmp_path, capsys):
    config = config_of()
    write_gguf(tmp_path / "m.gguf", config, weights_of(config))
    (tmp_path / "text").write_text("the man and the hens " * 30)
    assert main([str(tmp_path / "m.gguf"), "--out", str(tmp_path / "out"), "--check", str(tmp_path / "text"), "--check-tokens", "50"]) == 0
    printed = capsys.readouterr().out
    assert "perplexity of 50 tokens of text" in printed and "transformers" in printed
    assert main([str(tmp_path / "m.gguf"), "--out", str(tmp_path / "new"), "--check", str(tmp_path / "absent")]) == 1
    assert not (tmp_path / "new").exists()
    with pytest.raises(SystemExit) as usage:
        main([str(tmp_path / "m.gguf"), "--out", str(tmp_path / "new"), "--dtype", "int3"])
    assert usage.value.code == 2


def test_neither_import_nor_merge_needs_torch():
    code = "import sys; sys.modules['torch'] = sys.modules['tokenizers'] = None; import imprag_training.importing, imprag_training.adapter"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def test_bos_may_be_named_and_what_exists_is_left_alone(tmp_path):
    config = config_of()
    write_gguf(tmp_path / "m.gguf", config, weights_of(config), fields={"tokenizer.ggml.bos_token_id": None})
    assert import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG, bos=2).bos == 2
    before = (tmp_path / "out" / "config.json").read_bytes()
    with pytest.raises(Failure, match="exists already"):
        import_model(tmp_path / "m.gguf", tmp_path / "out", IMPRAG)
    assert (tmp_path / "out" / "config.json").read_bytes() == before
    with pytest.raises(Failure, match="no such file"):
        import_model(tmp_path / "absent", tmp_path / "new", IMPRAG)


REFUSED_CONFIGS = {
    "kind": ({"model_type": "gpt2"}, "model_type"),
    "bias": ({"attention_bias": True}, "q_proj.bias is missing"),
    "activation": ({"hidden_act": "gelu"}, "hidden_act"),
    "quantized": ({"quantization_config": {"bits": 4}}, "quantization_config"),
    "window": ({"sliding_window": 4096}, "sliding_window"),
    "no window": ({"model_type": "mistral", "sliding_window": 0}, "sliding_window is 0"),
    "rope": ({"rope_scaling": {"rope_type": "yarn", "factor": 2.0}}, "yarn"),
    "theta": ({"rope_theta": "high"}, "rope_theta high"),
    "no theta": ({"rope_theta": -1.0}, "rope_theta"),
    "flat llama3": (
        {"rope_scaling": {"rope_type": "llama3", "factor": 2.0, "low_freq_factor": 4.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}},
        "not all usable",
    ),
    "half a llama3": ({"rope_scaling": {"rope_type": "llama3", "factor": 2.0}}, "low_freq_factor"),
    "no BOS": ({"bos_token_id": None}, "--bos"),
    "no EOS": ({"eos_token_id": None}, "end tokens"),
    "no layers": ({"num_hidden_layers": 0}, "not usable|boundaries"),
    "text": ({"num_hidden_layers": "four"}, "not usable"),
    "size": ({"vocab_size": 300}, "embed_tokens.weight has the shape"),
    "heads": ({"num_key_value_heads": 3}, "evenly"),
}


@pytest.mark.parametrize("name", REFUSED_CONFIGS)
def test_configurations_that_mean_something_else_are_refused(tmp_path, name):
    changes, expected = REFUSED_CONFIGS[name]
    config = config_of()
    hugging_face(tmp_path / "hf", config, weights_of(config), **changes)
    with pytest.raises(Failure, match=expected):
        import_model(tmp_path / "hf", tmp_path / "out", {})
    assert [path.name for path in tmp_path.iterdir()] == ["hf"]


def test_damaged_directories_are_refused(tmp_path):
    config = config_of()
    hugging_face(tmp_path / "hf", config, weights_of(config), 2)
    folder = tmp_path / "hf"

    def refuse(name: str, content: bytes | None, expected: str) -> None:
        kept = (folder / name).read_bytes()
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
        with pytest.raises(Failure, match=expected):
            import_model(folder, tmp_path / "out", {})
        (folder / name).write_bytes(kept)

    shard = (folder / "model-00000.safetensors").read_bytes()
    refuse("model-00000.safetensors", None, "cannot be read")
    refuse("model-00000.safetensors", shard[:-1], "cut off")
    refuse("model-00000.safetensors", shard[:100], "cut off")
    refuse("model-00000.safetensors", b"\xff" * 8 + shard[8:], "cut off")
    refuse("model-00000.safetensors", shard.replace(b'"F32"', b'"U64"', 1), "U64")
    refuse("model.safetensors.index.json", None, "holds neither")
    refuse("model.safetensors.index.json", b'{"weight_map": {"a": "../b"}}', "weight_map")
    refuse("model.safetensors.index.json", b'{"weight_map": {"a": "model-00000.safetensors"}}', "does not hold it")
    refuse("config.json", b"[]", "object")
    refuse("config.json", b"{", "JSON")
    refuse("config.json", b"[" * 100_000, "JSON")
    refuse("tokenizer.json", None, "cannot be read")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    for change, expected in (
        ({"normalizer": {"type": "Lowercase"}}, "normalizer"),
        ({"model": {"type": "Unigram"}}, "BPE"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "pre_tokenizer"),
        ({"pre_tokenizer": {"type": "Sequence", "pretokenizers": 7}}, "pre_tokenizer"),
        ({"decoder": None}, "decoder"),
    ):
        refuse("tokenizer.json", json.dumps(tokenizer | change).encode(), expected)
    # Llama 2's, and settings that change nothing.
    mark = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
    for change in (
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, mark]}, "pre_tokenizer": None},
        {"normalizer": {"type": "Sequence", "normalizers": []}},
        {"model": tokenizer["model"] | {"byte_fallback": True}, "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}]}},
    ):
        kept = json.dumps(tokenizer | change)
        (folder / "tokenizer.json").write_text(kept)
        import_model(folder, tmp_path / "out", {})
        assert (tmp_path / "out" / "tokenizer.json").read_text() == kept
        shutil.rmtree(tmp_path / "out")
    import_model(folder, tmp_path / "out", {})
