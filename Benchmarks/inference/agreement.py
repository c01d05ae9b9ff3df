#!/usr/bin/env python3
"""Checks that `to_gguf.py` writes the same model: llama.cpp's logits beside those of transformers, for a made model of two layers.

    agreement.py [--shape llama-3.2-1b] [--tokens 256]

Fails where a position's logits correlate less than 0.999 in bf16 or 0.99 in Q8_0; transformers computes in float32. Leaving out the
reordering of query and key rows gives 0.17, leaving out the scaling of RoPE 0.98.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np
import torch
import transformers

import llamacpp
import make_model
import to_gguf
import workload

LEAST = {"bf16": 0.999, "q8_0": 0.99}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=make_model.SHAPES, default="llama-3.2-1b")
    parser.add_argument("--tokens", type=int, default=256, help="ids that both read (default 256)")
    options = parser.parse_args()
    ids, failed = workload.token_ids(options.tokens), False
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder, "model")
        files = {precision: pathlib.Path(folder, f"{precision}.gguf") for precision in LEAST}
        make_model.write(make_model.config(options.shape, 2), model, sharp=True)
        to_gguf.write_bf16(model, files["bf16"])
        to_gguf.write_quantized(files["bf16"], files["q8_0"], "Q8_0")
        reference = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
        with torch.inference_mode():
            expected = reference(torch.tensor([ids])).logits[0].numpy()
        for precision, file in files.items():
            session = llamacpp.Session(file, len(ids), batch_tokens=len(ids))
            found = session.decode([(token, position, 0, 1) for position, token in enumerate(ids)])
            correlations = [np.corrcoef(expected[i], found[i])[0, 1] for i in range(len(ids))]
            same = float((expected.argmax(axis=1) == found.argmax(axis=1)).mean())
            failed |= min(correlations) < LEAST[precision]
            print(f"{precision}: correlation at least {min(correlations):.5f}; the same best token at {same:.0%} of positions")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
