"""What both fine-tuning scripts share: the rate's course, the log, and checkpoints that a run goes on from."""

import json
import math
import os
import sys
import time

import torch

WARM_UP = 0.05


def rate_at(done, rate):
    """Linear warm-up, then a cosine to a tenth; `done` is the share of the budget."""
    if done < WARM_UP:
        return rate * (done + 0.002) / (WARM_UP + 0.002)
    return rate * (0.55 + 0.45 * math.cos(math.pi * min(1, (done - WARM_UP) / (1 - WARM_UP))))


def train(parameters, loss_of_step, options, checkpoint_steps):
    """Trains until `options.tokens` are read, with AdamW.

    - `loss_of_step(step)` fills the gradients and returns the loss and the tokens read.
    - `options`: `out`, `tokens`, `rate`. OUT gets `log.jsonl` and `checkpoint.pt`; from the latter a run goes on.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    checkpoint, step, tokens, begun = options.out / "checkpoint.pt", 0, 0, time.monotonic()
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        step, tokens = saved["step"], saved["tokens"]
        optimizer.load_state_dict(saved["optimizer"])
        with torch.no_grad():
            for parameter, value in zip(parameters, saved["parameters"]):
                parameter.copy_(value)
    with (options.out / "log.jsonl").open("a") as log:
        while tokens < options.tokens:
            for group in optimizer.param_groups:
                group["lr"] = rate_at(tokens / options.tokens, options.rate)
            optimizer.zero_grad()
            loss, read = loss_of_step(step)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            step, tokens = step + 1, tokens + read
            line = {"step": step, "tokens": tokens, "loss": round(loss, 4), "seconds": round(time.monotonic() - begun)}
            print(json.dumps(line), file=log, flush=True)
            if step % checkpoint_steps == 0 or tokens >= options.tokens:
                values = [parameter.detach() for parameter in parameters]
                state = {"step": step, "tokens": tokens, "optimizer": optimizer.state_dict(), "parameters": values}
                torch.save(state, checkpoint.with_suffix(".new"))
                os.replace(checkpoint.with_suffix(".new"), checkpoint)
                print(f"{100 * min(1, tokens / options.tokens):.0f} %: {line}", file=sys.stderr)
