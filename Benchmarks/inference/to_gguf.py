#!/usr/bin/env python3
"""Writes a Hugging Face directory of a Llama model as GGUF: bf16, the same bits, and Q8_0 and Q4_K_M by llama.cpp's own quantizer.

    to_gguf.py --model DIR --bf16 OUT.gguf [--q8 OUT.gguf] [--q4 OUT.gguf]

The file has no vocabulary: the benchmarks give and take token ids. Needs numpy, gguf and, for --q8
and --q4, llama-cpp-python.
"""

import argparse
import json
import math
import pathlib

import gguf
import numpy as np

NAMES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
OUTER = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
         "lm_head.weight": "output.weight"}


def gguf_name(name):
    """llama.cpp's name of a tensor of a Hugging Face Llama."""
    if name in OUTER:
        return OUTER[name]
    layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{NAMES[part]}.weight"


def permuted(weights, heads):
    """Rows of a query or key matrix reordered: llama.cpp's RoPE turns neighbours (2i, 2i+1), Hugging Face's turns halves."""
    rows, columns = weights.shape
    return np.ascontiguousarray(weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns))


def rope_factors(config):
    """`[head size / 2]` float32 that llama.cpp divides the RoPE frequencies by: Llama 3's scaling; None without one."""
    scaling = config.get("rope_scaling")
    if not scaling:
        return None
    if scaling["rope_type"] != "llama3":
        raise SystemExit(f"rope_scaling is {scaling['rope_type']}; only llama3 can be written")
    low, high, factor = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["factor"]
    size, factors = config["head_dim"], []
    for i in range(0, size, 2):
        frequency = config["rope_theta"] ** (-i / size)
        turns = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
        smooth = min(max((turns - low) / (high - low), 0), 1)
        factors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(factors, np.float32)


def bf16_tensors(path):
    """Name and bits (uint16: numpy has no bf16) of every tensor of a safetensors file; none is read before it is used."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        described = json.loads(file.read(size))
    for name, tensor in sorted(described.items()):
        if name == "__metadata__":
            continue
        if tensor["dtype"] != "BF16":
            raise SystemExit(f"{path}: {name} is {tensor['dtype']}; only BF16 can be copied")
        yield name, np.memmap(path, np.dtype("<u2"), "r", 8 + size + tensor["data_offsets"][0], tuple(tensor["shape"]))


def write_bf16(model, out):
    """Writes the bf16 file. Matrices keep their bits; norms become float32, as llama.cpp's converter makes them."""
    config = json.loads((model / "config.json").read_text())
    part = out.with_name(out.name + ".part")
    writer = gguf.GGUFWriter(part, "llama")
    writer.add_name(model.name)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_tokenizer_model("none")
    factors = rope_factors(config)
    if factors is not None:
        writer.add_tensor("rope_freqs.weight", factors)
    for name, bits in bf16_tensors(model / "model.safetensors"):
        if bits.ndim == 1:
            writer.add_tensor(gguf_name(name), (bits.astype(np.uint32) << 16).view(np.float32))
            continue
        if name.endswith("q_proj.weight"):
            bits = permuted(bits, config["num_attention_heads"])
        elif name.endswith("k_proj.weight"):
            bits = permuted(bits, config["num_key_value_heads"])
        writer.add_tensor(gguf_name(name), bits.view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.rename(out)


def write_quantized(bf16, out, name):
    """Quantizes a bf16 file with llama.cpp, in its format of this name."""
    import llama_cpp

    part = out.with_name(out.name + ".part")
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{name}")
    if llama_cpp.llama_model_quantize(str(bf16).encode(), str(part).encode(), settings) != 0:
        raise SystemExit(f"llama.cpp did not quantize {bf16}; it says above why")
    part.rename(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, metavar="DIR", help="folder that make_model.py wrote")
    parser.add_argument("--bf16", type=pathlib.Path, required=True, metavar="OUT.gguf", help="file to write")
    parser.add_argument("--q8", type=pathlib.Path, metavar="OUT.gguf", help="file to write from it, in Q8_0")
    parser.add_argument("--q4", type=pathlib.Path, metavar="OUT.gguf", help="file to write from it, in Q4_K_M")
    options = parser.parse_args()
    write_bf16(options.model, options.bf16)
    for out, name in ((options.q8, "Q8_0"), (options.q4, "Q4_K_M")):
        if out:
            write_quantized(options.bf16, out, name)


if __name__ == "__main__":
    main()
