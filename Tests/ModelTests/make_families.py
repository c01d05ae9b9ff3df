#!/usr/bin/env python3
"""Makes `Families/`: tiny random models of every family, and what `transformers` computes of them in float64.

    python3 Tests/ModelTests/make_families.py        (torch and transformers 5.24; the same versions give the same files)

Of each model: the logits after every token of one text (k = 0, the plain decoder), and query and passage embeddings of
prefixes of it, which are means of heads of what enters RoPE in layer b: caught behind `q_proj` and `k_proj`, or behind
`q_norm` and `k_norm` where there are such.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

ROOT = Path(__file__).parent / "Families"
VOCABULARY, LAYERS, BOTTOM, TOP = 40, 4, 1, 2
SIZES = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=LAYERS, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, bos_token_id=0, eos_token_id=1, pad_token_id=None,
)
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
MODELS = {
    "llama": LlamaConfig(**SIZES, rope_parameters=LLAMA3),
    "llama-biases": LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True),
    "smollm": LlamaConfig(**SIZES, tie_word_embeddings=True, rms_norm_eps=1e-5),
    "mistral": MistralConfig(**SIZES, sliding_window=5),
    "mistral-whole": MistralConfig(**SIZES, sliding_window=None, head_dim=6),
    "qwen2": Qwen2Config(**SIZES, tie_word_embeddings=True),
    "qwen2-window": Qwen2Config(**SIZES, use_sliding_window=True, sliding_window=4, max_window_layers=2),
    "qwen3": Qwen3Config(**SIZES, head_dim=6, tie_word_embeddings=True),
    "qwen3-biases": Qwen3Config(**SIZES, head_dim=8, attention_bias=True),
}
TEXT = [0, 7, 33, 12, 5, 5, 28, 39, 2, 17, 0, 21, 9, 30, 14, 3, 26, 38, 11, 6, 19, 35, 8, 24]
PREFIXES = [1, 2, 9, 24]


def randomise(model: torch.nn.Module) -> None:
    """Weights of a size at which every part matters; bf16 numbers, so that files are small."""
    generator = torch.Generator().manual_seed(11)
    for name, weight in model.named_parameters():
        numbers = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
        if name.endswith("norm.weight"):
            numbers = 1 + 0.3 * numbers
        elif name.endswith("bias"):
            numbers = 0.5 * numbers
        else:
            numbers = numbers * (1.0 if "embed_tokens" in name else 1.2 / weight.shape[1] ** 0.5)
        weight.data = numbers.to(torch.bfloat16).to(torch.float64)


def expected(model: torch.nn.Module, heads: int, key_heads: int) -> dict:
    caught: dict[str, torch.Tensor] = {}
    attention = model.model.layers[BOTTOM].self_attn
    has_norms = hasattr(attention, "q_norm")
    for role, module in (
        ("query", attention.q_norm if has_norms else attention.q_proj), ("passage", attention.k_norm if has_norms else attention.k_proj),
    ):
        module.register_forward_hook(lambda _, __, output, role=role: caught.__setitem__(role, output))
    embeddings = []
    with torch.no_grad():
        for length in PREFIXES:
            logits = model(torch.tensor([TEXT[:length]])).logits[0]
            query = caught["query"].reshape(length, key_heads, heads // key_heads, -1)[-1].mean(dim=1)
            passage = caught["passage"].reshape(length, key_heads, -1)[-1]
            embeddings.append({"length": length, "query": query.flatten().tolist(), "passage": passage.flatten().tolist()})
    return {"tokens": TEXT, "logits": logits.tolist(), "embeddings": embeddings}


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main() -> None:
    shutil.rmtree(ROOT, ignore_errors=True)
    for name, config in MODELS.items():
        config._attn_implementation = "eager"
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float64).eval()
        randomise(model)
        folder = ROOT / name
        folder.mkdir(parents=True)
        tied = config.tie_word_embeddings
        tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items() if not (tied and key == "lm_head.weight")}
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        (folder / "model.safetensors").chmod(0o644)
        settings = json.loads(config.to_json_string(use_diff=False)) | {"architectures": [type(model).__name__]}
        # What the library writes, but not who and how.
        settings = {key: value for key, value in settings.items() if key not in ("transformers_version", "id2label", "label2id", "dtype") and not key.startswith("_")}
        settings["imprag"] = {
            "bottom_boundary": BOTTOM, "top_boundary": TOP, "top_k": 2, "max_passage_tokens": 8, "passage_encoding": "independent",
        }
        (folder / "config.json").write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n")
        results = expected(model, config.num_attention_heads, config.num_key_value_heads)
        (folder / "expected.json").write_text(json.dumps(rounded(results), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
