"""Whether an imported model is what it was: the perplexity of a text, and greedy answers beside those of `transformers`."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .checkpoint import load_model
from .errors import Failure
from .model import ImpRAG

WINDOW = 2048
ANSWER = 16
PROMPTS = (
    "The capital of France is", "Once upon a time there was", "Water boils at a temperature of", "In 1969, Neil Armstrong",
    "def fibonacci(n):", "Q: Who wrote Hamlet? A:", "The largest planet of the solar system", "To bake bread you need",
)


@torch.no_grad()
def perplexity(model: ImpRAG, ids: list[int]) -> float:
    """Of `ids` in windows of at most `WINDOW` tokens, each after BOS and without what stands before it."""
    loss = 0.0
    for start in range(0, len(ids), WINDOW):
        window = ids[start : start + WINDOW]
        tokens = torch.tensor([[[model.config.bos, *window[:-1]]]])
        reading = model.read(tokens, torch.tensor([[1]]), 0, None)
        loss += F.cross_entropy(model.logits(reading.hidden[0, 0]).float(), torch.tensor(window), reduction="sum").item()
    return math.exp(loss / len(ids))


@torch.no_grad()
def greedy(model: ImpRAG, prompt: list[int], count: int) -> list[int]:
    """The `count` likeliest next tokens, one after the other; an end token does not end them."""
    ids = list(prompt)
    for _ in range(count):
        reading = model.read(torch.tensor([[ids]]), torch.tensor([[len(ids)]]), 0, None)
        ids.append(int(model.logits(reading.hidden[0, 0, -1]).argmax()))
    return ids[len(prompt) :]


@torch.no_grad()
def agreement(folder: Path, model: ImpRAG, prompts: list[list[int]], count: int) -> tuple[int, float]:
    """How many prompts get the same `count` tokens from `transformers`, and the largest difference of their logits."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    equal, difference = 0, 0.0
    for prompt in prompts:
        ids = torch.tensor([prompt])
        ours = model.logits(model.read(ids[None], torch.tensor([[len(prompt)]]), 0, None).hidden[0])
        difference = max(difference, (ours - theirs(ids).logits).abs().max().item())
        made = theirs.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, min_new_tokens=count, max_new_tokens=count, eos_token_id=None, pad_token_id=0
        )
        equal += made[0, len(prompt) :].tolist() == greedy(model, prompt, count)
    return equal, difference


def check(folder: Path, text: Path, tokens: int) -> None:
    """Prints both."""
    try:
        data = text.read_bytes()
        content = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Failure(f"{text} is no text: {error}") from error
    model = load_model(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    ids = tokenizer.encode(content, add_special_tokens=False).ids[:tokens]
    if not ids:
        raise Failure(f"{text} is empty")
    print(f"perplexity of {len(ids)} tokens of {text.name}, in windows of {WINDOW}: {perplexity(model, ids):.2f}", flush=True)
    prompts = [[model.config.bos, *tokenizer.encode(prompt, add_special_tokens=False).ids] for prompt in PROMPTS]
    try:
        equal, difference = agreement(folder, model, prompts, ANSWER)
    except ImportError:
        print("transformers is not installed: greedy answers were not compared")
        return
    print(f"greedy answers of {ANSWER} tokens equal to transformers': {equal} of {len(prompts)}; logits differ by {difference:.1e} at most")
