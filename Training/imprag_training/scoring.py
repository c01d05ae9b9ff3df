"""One request at a time, in the plainest way: embeddings, the log-probabilities of a completion, greedy generation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import ImpRAG, Passages
from .text import Layout


@dataclass
class Scored:
    """Tokens with their log-probabilities, and the attention mass of each passage."""

    tokens: list[int]
    logprobs: list[float]
    passage_attention: list[float]


@torch.no_grad()
def embed(model: ImpRAG, layout: Layout, role: str, text: str, title: str | None = None) -> tuple[list[int], Tensor]:
    """Tokens and embedding `[K·d]` of a passage or a query."""
    ids = layout.passages([(title, text)])[0] if role == "passage" else layout.prompts([text])[0]
    run = model.embed_passages if role == "passage" else model.embed_queries
    return ids, run(torch.tensor([ids]), torch.tensor([len(ids)]))[0]


def _encode(model: ImpRAG, layout: Layout, passages: list[tuple[str | None, str]], k: int, encoding: str) -> Passages | None:
    if len(passages) > k:
        raise ValueError(f"{len(passages)} passages were given but only k = {k} requested")
    if not passages:
        return None
    rows = layout.passages(passages)
    lengths = torch.tensor([[len(row) for row in rows]])
    tokens = torch.zeros(1, len(rows), int(lengths.max()), dtype=torch.long)
    for index, row in enumerate(rows):
        tokens[0, index, : len(row)] = torch.tensor(row)
    return model.encode_passages(tokens, lengths, encoding)


def _attention_mass(attention: list[Tensor], passages: Passages | None, count: int) -> list[float]:
    if passages is None:
        return []
    mean = torch.stack([weights[0, 0].mean(0) for weights in attention]).mean(0)
    return [float(mean[passages.owner[0] == index].sum()) for index in range(count)]


@torch.no_grad()
def score(
    model: ImpRAG, layout: Layout, prompt: str, passages: list[tuple[str | None, str]], k: int, encoding: str, completion: str
) -> Scored:
    """How probable each token of `completion` is after `prompt`."""
    states = _encode(model, layout, passages, k, encoding)
    before, after = layout.prompts([prompt])[0], layout.ids([completion])[0]
    tokens = torch.tensor([[before + after]])
    start = k * model.config.max_passage_tokens
    reading = model.read(tokens, torch.tensor([[len(before)]]), start, states, keep_attention=True)
    logits = model.logits(reading.hidden[0, 0, len(before) - 1 : -1])
    logprobs = logits.log_softmax(-1).gather(1, torch.tensor(after, dtype=torch.long)[:, None])[:, 0]
    return Scored(after, logprobs.tolist(), _attention_mass(reading.attention, states, len(passages)))


@torch.no_grad()
def generate(
    model: ImpRAG, layout: Layout, prompt: str, passages: list[tuple[str | None, str]], k: int, encoding: str, max_tokens: int
) -> Scored:
    """Greedy continuation, without the end token. Runs the whole prompt again for every token: simple, not fast."""
    states = _encode(model, layout, passages, k, encoding)
    before = layout.prompts([prompt])[0]
    start = k * model.config.max_passage_tokens
    made: list[int] = []
    logprobs: list[float] = []
    attention: list[float] = []
    while len(made) < max_tokens:
        tokens = torch.tensor([[before + made]])
        reading = model.read(tokens, torch.tensor([[len(before)]]), start, states, keep_attention=not made)
        if not made:
            attention = _attention_mass(reading.attention, states, len(passages))
        distribution = model.logits(reading.hidden[0, 0, -1]).log_softmax(-1)
        token = int(distribution.argmax())
        if token in model.config.eos:
            break
        made.append(token)
        logprobs.append(float(distribution[token]))
    return Scored(made, logprobs, attention)
