#!/usr/bin/env python3
"""Measures one figure of transformers in bf16, in this process; prints one JSON object.

    huggingface.py --model DIR --figure prefill --tokens 512 [--threads 2] [--repeats 3]
    huggingface.py --model DIR --figure embed --batch 16

Passages are embedded by what an embedding needs and no more: layers 0 to b - 1, then layer b's norm and key projection for
the last token. Needs torch and transformers.
"""

import argparse
import json
import time

import torch
import transformers

import workload


def load(folder, layers=None):
    """A causal model in bf16; `layers` leaves later ones unread."""
    config = transformers.AutoConfig.from_pretrained(folder)
    if layers is not None:
        config.num_hidden_layers = layers
    # Reading fewer layers than the file has is meant, not worth a warning a tensor.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers.AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=torch.bfloat16).eval()


def prefill(model, tokens, repeats):
    """Tokens a second of reading a prompt, up to the logits after it."""
    ids = torch.tensor([workload.token_ids(tokens)])
    seconds = workload.timed(lambda: model(ids, use_cache=True, logits_to_keep=1), repeats)
    speed, each = workload.rate(tokens, seconds)
    return {"tokens": tokens, "tokens_per_second": speed, "runs": each}


def decode(model, sequences, repeats):
    """Tokens a second, of all sequences together, of greedy decoding after a short prompt each."""
    prompts = torch.tensor([workload.token_ids(workload.DECODE_PROMPT, sequence) for sequence in range(sequences)])
    seconds = []
    for _ in range(repeats + 1):
        step = model(prompts, use_cache=True, logits_to_keep=1)
        start = time.perf_counter()
        for _ in range(workload.DECODE_TOKENS):
            ids = step.logits[:, -1:].argmax(dim=-1)
            step = model(ids, cache=step.cache, use_cache=True)
        seconds.append(time.perf_counter() - start)
    speed, each = workload.rate(sequences * workload.DECODE_TOKENS, seconds[1:])
    return {"batch": sequences, "context": workload.DECODE_PROMPT, "tokens_per_second": speed, "runs": each}


class Embedder:
    """The layers that an embedding needs: `decoder` is layers 0 to b - 1, `norm` and `keys` are layer b's."""

    def __init__(self, folder):
        bottom = transformers.AutoConfig.from_pretrained(folder).imprag["bottom_boundary"]
        self.decoder = load(folder, bottom + 1).model
        boundary = self.decoder.layers[bottom]
        self.norm, self.keys = boundary.input_layernorm, boundary.self_attn.k_proj
        self.decoder.layers = self.decoder.layers[:bottom]
        self.decoder.config.num_hidden_layers = bottom
        self.decoder.norm = torch.nn.Identity()

    def embed(self, passages):
        """Embeddings `[count, key heads × head size]` of lists of ids, padded at the right."""
        lengths = torch.tensor([len(ids) for ids in passages])
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids in passages], batch_first=True)
        mask = (torch.arange(padded.shape[1])[None] < lengths[:, None]).long()
        states = self.decoder(padded, attention_mask=mask, use_cache=False).last_hidden_state
        return self.keys(self.norm(states[torch.arange(len(passages)), lengths - 1]))


def embed(embedder, batch, repeats):
    """Passages a second."""
    lengths = workload.passage_lengths()
    passages = [workload.token_ids(length, seed) for seed, length in enumerate(lengths)]
    groups = [[passages[row] for row in rows] for rows in workload.batches(lengths, batch)]
    embedder.embed(groups[0])
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        for group in groups:
            embedder.embed(group)
        seconds.append(time.perf_counter() - start)
    speed, each = workload.rate(len(passages), seconds)
    return {"passages": len(passages), "tokens": sum(lengths), "passages_per_second": speed, "runs": each}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR")
    parser.add_argument("--figure", required=True, choices=["prefill", "decode", "embed"])
    parser.add_argument("--tokens", type=int, default=512, help="prompt of a prefill (default 512)")
    parser.add_argument("--batch", type=int, default=1, help="sequences decoded, or passages embedded, together (default 1)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with torch.inference_mode():
        if options.figure == "prefill":
            result = prefill(load(options.model), options.tokens, options.repeats)
        elif options.figure == "decode":
            result = decode(load(options.model), options.batch, options.repeats)
        else:
            result = embed(Embedder(options.model), options.batch, options.repeats)
    print(json.dumps({"figure": options.figure} | result))


if __name__ == "__main__":
    main()
