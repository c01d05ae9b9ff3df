#!/usr/bin/env python3
"""Writes a Hugging Face directory in the shape of a Llama 3.2 model, with random bf16 weights.

    make_model.py --shape llama-3.2-1b --out DIR [--layers 2] [--seed 0] [--sharp]

Speed does not depend on what the weights are, so nothing needs to be downloaded. The tokenizer is that of
`Models/encyclopedia-tiny`, filled up with tokens that no text contains: random weights generate any id. Needs numpy.
"""

import argparse
import json
import pathlib

import numpy as np

TOKENIZER = pathlib.Path(__file__).resolve().parents[2] / "Models/encyclopedia-tiny/tokenizer.json"
DEVIATION = 0.02
# With --sharp. Weights of 0.02 make attention nearly uniform: a wrong order of heads or a wrong RoPE would hardly be seen.
SHARPER = {"q_proj": 2, "k_proj": 2, "v_proj": 4, "o_proj": 4}
CHUNK_VALUES = 8_000_000
# What the two shapes share; the token ids are those of the tokenizer.
COMMON = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": False, "attention_dropout": 0.0,
    "mlp_bias": False, "hidden_act": "silu", "vocab_size": 128256, "intermediate_size": 8192, "num_key_value_heads": 8,
    "max_position_embeddings": 131072, "rms_norm_eps": 1e-05, "rope_theta": 500000.0,
    "rope_scaling": {"factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 8192, "rope_type": "llama3"},
    "tie_word_embeddings": True, "bos_token_id": 4094, "eos_token_id": 4095, "initializer_range": DEVIATION,
    "torch_dtype": "bfloat16", "use_cache": True,
}
SHAPES = {
    "llama-3.2-1b": {"hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32, "head_dim": 64},
    "llama-3.2-3b": {"hidden_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 24, "head_dim": 128},
}
BOUNDARIES = {"llama-3.2-1b": (4, 11), "llama-3.2-3b": (7, 19)}


def config(shape, layers=None):
    """The `config.json` of a shape, with its `imprag` object; `layers` cuts the model, and its boundaries with it."""
    made = COMMON | SHAPES[shape]
    if layers is not None:
        made["num_hidden_layers"] = layers
    bottom, top = (min(boundary, made["num_hidden_layers"] - 1) for boundary in BOUNDARIES[shape])
    made["imprag"] = {"bottom_boundary": bottom, "top_boundary": top, "top_k": 10, "max_passage_tokens": 160,
                      "passage_encoding": "independent"}
    return made


def tensors(config):
    """Name and shape of every tensor, in the order of the file."""
    width, wide = config["hidden_size"], config["intermediate_size"]
    queries = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    yield "model.embed_tokens.weight", (config["vocab_size"], width)
    for layer in range(config["num_hidden_layers"]):
        for name, shape in (("input_layernorm", (width,)), ("self_attn.q_proj", (queries, width)),
                            ("self_attn.k_proj", (keys, width)), ("self_attn.v_proj", (keys, width)),
                            ("self_attn.o_proj", (width, queries)), ("post_attention_layernorm", (width,)),
                            ("mlp.gate_proj", (wide, width)), ("mlp.up_proj", (wide, width)), ("mlp.down_proj", (width, wide))):
            yield f"model.layers.{layer}.{name}.weight", shape
    yield "model.norm.weight", (width,)


def header(listed):
    """The head of a safetensors file: its own size (eight bytes), then JSON, padded so that the data begin aligned."""
    described, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in listed:
        end = offset + 2 * int(np.prod(shape))
        described[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 64 + 56)
    return len(text).to_bytes(8, "little") + text


def bf16(numbers):
    """The bits of float32 numbers rounded to bf16, ties to even, as uint16."""
    bits = numbers.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def blocks(name, shape, random, sharp):
    """The bits of one tensor, in pieces that are small beside the model: norms are 1, all else is random."""
    deviation = DEVIATION * (SHARPER.get(name.split(".")[-2], 1) if sharp else 1)
    left = int(np.prod(shape))
    if name.endswith("norm.weight"):
        yield bf16(np.ones(left, np.float32))
        return
    while left > 0:
        count = min(left, CHUNK_VALUES)
        yield bf16(np.float32(deviation) * random.standard_normal(count, np.float32))
        left -= count


def tokenizer(size):
    """The text of a `tokenizer.json` with `size` ids; no merge leads to the added ones, but every id can be decoded."""
    made = json.loads(TOKENIZER.read_text())
    present = len(made["model"]["vocab"]) + len(made["added_tokens"])
    made["model"]["vocab"] |= {f"<unused{number}>": number for number in range(present, size)}
    return json.dumps(made, ensure_ascii=False)


def write(config, out, seed=0, sharp=False):
    """Writes the three files of a model; `model.safetensors` gets its name last, so a folder that has it is whole."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "tokenizer.json").write_text(tokenizer(config["vocab_size"]))
    listed, random = list(tensors(config)), np.random.default_rng(seed)
    part = out / "model.safetensors.part"
    with open(part, "wb") as file:
        file.write(header(listed))
        for name, shape in listed:
            for block in blocks(name, shape, random, sharp):
                block.tofile(file)
    part.rename(out / "model.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--layers", type=int, help="layers, where fewer than the shape's own are wanted")
    parser.add_argument("--seed", type=int, default=0, help="other weights (default 0)")
    parser.add_argument("--sharp", action="store_true", help="larger attention weights, with which a wrong attention is noticed")
    options = parser.parse_args()
    if options.layers is not None and options.layers < 1:
        parser.error("--layers must be at least 1")
    write(config(options.shape, options.layers), options.out, options.seed, options.sharp)


if __name__ == "__main__":
    main()
