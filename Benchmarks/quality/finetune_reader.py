#!/usr/bin/env python3
"""Fine-tunes a base to answer with passages in its prompt (RA-IT), or with none: the baselines that ours stands beside.

    finetune_reader.py --base DIR --questions FILE --passages FILE --retriever BM25|MiniLM|none|DIR --out DIR --tokens N

LoRA on all products of the layers that --layers names, merged at the end into a Hugging Face directory. Give it as many
--tokens as the recipe of the model beside it took, and that recipe as --recipe. A question's right passage is always among the K that it reads; a tenth
of the examples is plain text. Order, choice and start are the seed's; a run that was cut off goes on from its last
checkpoint (OUT/checkpoint.pt) with the same losses.

Source: RA-IT, the language model's half of RA-DIT (Lin et al., ICLR 2024).
"""

import argparse
import json
import pathlib
import random
import shutil

import tokenizers
import torch
import transformers
from torch import nn

import decode
import prompts
import sources
import training_data
import training_state

PRODUCTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
EXAMPLES_A_STEP = 16
MICRO_TOKENS = 4096
CHECKPOINT_STEPS = 20
IGNORED = -100


class LoRA(nn.Module):
    """A product with a trained low-rank part beside it: W x + (scale) B A x."""

    def __init__(self, product, rank, generator):
        super().__init__()
        self.product, self.scale = product, 2.0
        self.product.weight.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, product.in_features, generator=generator) / rank)
        self.up = nn.Parameter(torch.zeros(product.out_features, rank))

    def forward(self, x):
        down, up = self.down.to(x.dtype), self.up.to(x.dtype)
        return self.product(x) + self.scale * ((x @ down.T) @ up.T)

    def merged(self):
        self.product.weight += (self.scale * self.up @ self.down).to(self.product.weight.dtype)
        return self.product


def add_lora(model, layers, rank, seed):
    """Puts LoRA beside every product of the layers; returns what is trained."""
    generator = torch.Generator().manual_seed(seed)
    model.requires_grad_(False)
    made = []
    for index in layers:
        layer = model.model.layers[index]
        for room in (layer.self_attn, layer.mlp):
            for name in PRODUCTS:
                if hasattr(room, name):
                    setattr(room, name, LoRA(getattr(room, name), rank, generator))
                    made.append(getattr(room, name))
    return made


@torch.no_grad()
def merge(model):
    """Takes LoRA out again, its change left in the weights."""
    for layer in model.model.layers:
        for room in (layer.self_attn, layer.mlp):
            for name in PRODUCTS:
                if isinstance(getattr(room, name, None), LoRA):
                    setattr(room, name, getattr(room, name).merged())


class Examples:
    """Tokens and targets of the i-th example of a run, for every i: by the seed alone, so that a run can be resumed."""

    def __init__(self, draws, passages, ranker, reader, k, plain_share, seed):
        self.draws, self.passages, self.ranker, self.reader = draws, passages, ranker, reader
        self.k, self.plain_share, self.seed = k, plain_share, seed

    def read(self, example, rng):
        """The passages of an example: the ranking's first, the right one among them, or the evidence that no passage is."""
        chosen = [self.passages[row] for row in self.ranker.rank(example, self.k)]
        right = sources.Passage("", "", example.evidence) if example.evidence else None
        if example.gold:
            right = self.passages[rng.choice(example.gold)]
        if right and right not in chosen and self.ranker.retriever != "none":
            chosen = chosen[: self.k - 1]
            chosen.insert(rng.randrange(len(chosen) + 1), right)
        return chosen

    def __getitem__(self, index):
        rng = random.Random(f"{self.seed} {index}")
        if rng.random() < self.plain_share:
            passage = rng.choice(self.passages)
            tokens = self.reader.prompt([], passage.joined)[: self.reader.passage_tokens] + [self.reader.eos]
            return tokens, tokens[:]
        example = self.draws.draw(rng)
        before = self.reader.prompt(self.read(example, rng), example.prompt)
        answer = self.reader.answer(rng.choice(example.answers))
        return before + answer, [IGNORED] * len(before) + answer


def micro_batches(rows):
    """Rows of like length together, at most `MICRO_TOKENS` tokens with their padding."""
    rows = sorted(rows, key=lambda row: len(row[0]))
    batch = []
    for row in rows:
        if batch and len(row[0]) * (len(batch) + 1) > MICRO_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    yield batch


def padded(batch, fill):
    """Padded on the right, where no token before it sees it: causal attention needs no mask, and is quicker without."""
    longest = max(len(tokens) for tokens, _ in batch)
    tokens = torch.tensor([row + [fill] * (longest - len(row)) for row, _ in batch])
    targets = torch.tensor([row + [IGNORED] * (longest - len(row)) for _, row in batch])
    return tokens, targets


def train_step(model, rows, fill):
    """Gradients of the mean loss over all targets of the step; returns that loss and the tokens that were read."""
    targets_total = sum(target != IGNORED for _, row in rows for target in row[1:])
    loss_sum, tokens_read = 0.0, 0
    for batch in micro_batches(rows):
        tokens, targets = padded(batch, fill)
        hidden = model.model(tokens, use_cache=False).last_hidden_state[:, :-1]
        wanted = targets[:, 1:] != IGNORED
        logits = model.lm_head(hidden[wanted]).float()
        loss = nn.functional.cross_entropy(logits, targets[:, 1:][wanted], reduction="sum") / targets_total
        loss.backward()
        loss_sum += loss.item()
        tokens_read += sum(len(row) for row, _ in batch)
    return loss_sum, tokens_read


def save(model, options):
    merge(model)
    model.to(torch.bfloat16).save_pretrained(options.out)
    shutil.copy(options.base / "tokenizer.json", options.out / "tokenizer.json")
    described = {name: str(value) for name, value in vars(options).items()}
    (options.out / decode.DESCRIPTION).write_text(json.dumps(described, indent=2) + "\n")


def layer_range(text):
    first, last = text.split("-")
    return range(int(first), int(last) + 1)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    parser.add_argument("--questions", type=pathlib.Path, required=True)
    parser.add_argument("--passages", type=pathlib.Path, required=True)
    parser.add_argument("--retriever", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--recipe", type=pathlib.Path, help="the trainer's; its read_kinds say how often a kind is drawn")
    parser.add_argument("--imprag", default=str(sources.ROOT / ".build/release/imprag"))
    parser.add_argument("--k", type=int, default=5)
    parser.add_argument("--layers", type=layer_range, default=range(4, 30), metavar="FIRST-LAST")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--plain-share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    model = transformers.AutoModelForCausalLM.from_pretrained(options.base, dtype=decode.quick_type())
    config = model.config
    eos = config.eos_token_id[0] if isinstance(config.eos_token_id, list) else config.eos_token_id
    tokenizer = tokenizers.Tokenizer.from_file(str(options.base / "tokenizer.json"))
    reader = prompts.Reader(tokenizer, config.bos_token_id, eos)
    examples, passages = training_data.load(options.questions, options.passages)
    ranker = training_data.Ranker(options.retriever, examples, passages, options.imprag)
    draws = training_data.Draws(examples, options.recipe, "read_kinds")
    data = Examples(draws, passages, ranker, reader, options.k, options.plain_share, options.seed)
    trained = add_lora(model, options.layers, options.rank, options.seed)
    parameters = [parameter for module in trained for parameter in (module.down, module.up)]

    def loss_of_step(step):
        rows = [data[step * EXAMPLES_A_STEP + i] for i in range(EXAMPLES_A_STEP)]
        return train_step(model, rows, eos)

    training_state.train(parameters, loss_of_step, options, CHECKPOINT_STEPS)
    save(model, options)


if __name__ == "__main__":
    main()
