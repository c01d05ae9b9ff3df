#!/usr/bin/env python3
"""Trains the first b + 1 layers of a base as a retriever of its own (RA-DIT's other half), for a reader that has its
passages in the prompt.

    finetune_retriever.py --base DIR --questions FILE --passages FILE --teacher BM25|MiniLM --out DIR --tokens N

Loss and embeddings are those of the trainer's warm-up (DESIGN, section 2): positives are the right passages, else the
teacher's first five; negatives its ranks 10 to 50 and the others of the batch. OUT is a directory for `imprag embed`;
give it to finetune_reader.py as --retriever. Resumes as that does.

Source: RA-DIT (Lin et al., ICLR 2024), with the retriever's size that ImpRAG's comparison gives it.
"""

import argparse
import pathlib
import random
import sys

import tokenizers
import torch

import sources
import training_data
import training_state

sys.path.insert(0, str(sources.ROOT / "Training"))
from imprag_training.checkpoint import load_model, save_model  # noqa: E402
from imprag_training.objective import contrastive_loss  # noqa: E402
from imprag_training.text import Layout  # noqa: E402

QUESTIONS_A_STEP = 24
HARD_NEGATIVES = 2
CHECKPOINT_STEPS = 50


def padded(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows]), torch.tensor([len(row) for row in rows])


class Batches:
    """The i-th batch of a run: questions, passages, and which of them answer which."""

    def __init__(self, draws, passages, ranker, seed):
        self.draws, self.passages, self.ranker, self.seed = draws, passages, ranker, seed

    def __getitem__(self, step):
        rng = random.Random(f"{self.seed} {step}")
        examples = list(dict.fromkeys(self.draws.draw(rng) for _ in range(QUESTIONS_A_STEP)))
        rows, positives = [], []
        for example in examples:
            ranked = self.ranker.rank(example, 50).tolist()
            right = list(example.gold) or ranked[:5]
            positives.append(set(right))
            if right:
                rows.append(rng.choice(right))
            hard = [row for row in ranked[10:] if row not in right]
            rows += rng.sample(hard, min(HARD_NEGATIVES, len(hard)))
        rows = list(dict.fromkeys(rows))
        positive = torch.tensor([[row in right for row in rows] for right in positives])
        return examples, [self.passages[row] for row in rows], positive


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    parser.add_argument("--questions", type=pathlib.Path, required=True)
    parser.add_argument("--passages", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", choices=("BM25", "MiniLM"), required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--recipe", type=pathlib.Path, help="the trainer's; its kinds say how often a kind is drawn")
    parser.add_argument("--bottom", type=int, default=4)
    parser.add_argument("--top", type=int, default=29)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--temperature", type=float, default=1.0, help="scores are divided by it in the loss")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    boundaries = {"bottom_boundary": options.bottom, "top_boundary": options.top, "top_k": 5}
    model = load_model(options.base, boundaries | {"max_passage_tokens": 160, "passage_encoding": "independent"})
    tokenizer = tokenizers.Tokenizer.from_file(str(options.base / "tokenizer.json"))
    layout = Layout(tokenizer, model.config.bos, model.config.eos[0], model.config.max_passage_tokens)
    examples, passages = training_data.load(options.questions, options.passages)
    draws = training_data.Draws(examples, options.recipe, "kinds")
    batches = Batches(draws, passages, training_data.Ranker(options.teacher, examples, passages, None), options.seed)
    last = model.layers[options.bottom]
    rooms = [*model.layers[: options.bottom], last.input_layernorm, last.self_attn.q_proj, last.self_attn.k_proj]
    model.requires_grad_(False)
    parameters = [parameter.requires_grad_() for room in rooms for parameter in room.parameters()]

    def loss_of_step(step):
        asked, read, positive = batches[step]
        asked_tokens, asked_lengths = padded(layout.prompts([example.prompt for example in asked]))
        read_tokens, read_lengths = padded(layout.passages([(p.title or None, p.text) for p in read]))
        scores = model.embed_queries(asked_tokens, asked_lengths) @ model.embed_passages(read_tokens, read_lengths).T
        loss = contrastive_loss(scores / options.temperature, positive)
        loss.backward()
        return loss.item(), int(asked_lengths.sum() + read_lengths.sum())

    training_state.train(parameters, loss_of_step, options, CHECKPOINT_STEPS)
    save_model(model, tokenizer, options.out)


if __name__ == "__main__":
    main()
