"""Muon: momentum whose update is made orthogonal, for the matrices inside the layers; AdamW for everything else.

Source: Keller Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024).
"""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor, nn

# The quintic's coefficients, from the source above: singular values end between 0.7 and 1.2 after five steps.
A, B, C = 3.4445, -4.7750, 2.0315


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    """`[n, rows, columns]` → the same shape, singular values near 1, by Newton–Schulz in bf16."""
    x = g.bfloat16()
    turned = x.shape[1] > x.shape[2]
    if turned:
        x = x.transpose(1, 2)
    x = x / (x.float().flatten(1).norm(dim=1)[:, None, None].to(x.dtype) * 1.01 + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = A * x + (B * gram + C * (gram @ gram)) @ x
    return x.transpose(1, 2) if turned else x


class Muon(torch.optim.Optimizer):
    """Muon over matrices; those of one shape are handled in one batch."""

    def __init__(self, parameters: list[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """One update of every parameter that has a gradient."""
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    by_shape[p.shape].append(p)
            for shape, parameters in by_shape.items():
                updates = []
                for p in parameters:
                    buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buffer.lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(buffer, group["momentum"]))
                scale = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                for p, update in zip(parameters, orthogonal(torch.stack(updates))):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.to(p.dtype), alpha=-scale)
