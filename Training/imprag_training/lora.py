"""Low-rank adaptation: a frozen matrix plus a trained product of two thin ones.

Source: LoRA (Hu et al., ICLR 2022).
"""

from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .model import ImpRAG


class LoRALinear(nn.Module):
    """`x` `[..., in]` → `x (W + scale · B A)ᵀ` `[..., out]`; `A` `[rank, in]`, `B` `[out, rank]`, which starts at zero."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(base.weight.detach(), requires_grad=False)
        out, size = base.weight.shape
        self.scale = alpha / rank
        self.A = nn.Parameter(torch.empty(rank, size, dtype=torch.float32, device=base.weight.device).normal_(0, size**-0.5))
        self.B = nn.Parameter(torch.zeros(out, rank, dtype=torch.float32, device=base.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        """`[..., in]` → `[..., out]`."""
        return F.linear(x, self.weight) + self.scale * F.linear(F.linear(x, self.A), self.B)


def adapt(model: ImpRAG, full: str, lora: str, rank: int, alpha: float) -> None:
    """Freezes `model` but for what the two regular expressions name.

    - `full`: parameters (`layers.0.mlp.up_proj.weight`) that are trained themselves.
    - `lora`: linear modules (`layers.5.mlp.up_proj`) that get a `LoRALinear`, unless `full` names their weight.
    """
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(re.fullmatch(full, name) is not None)
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and re.fullmatch(lora, name) and not module.weight.requires_grad:
            parent = model.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], LoRALinear(module, rank, alpha))


def pairs(model: ImpRAG) -> dict[str, tuple[Tensor, Tensor, float]]:
    """`A`, `B` and the scale of every adapted matrix, by the matrix's name."""
    return {
        f"{name}.weight": (module.A.detach(), module.B.detach(), module.scale)
        for name, module in model.named_modules()
        if isinstance(module, LoRALinear)
    }


def merged(model: ImpRAG) -> dict[str, Tensor]:
    """The weights of the plain model that computes what `model` does, float32, on the CPU."""
    low_rank = pairs(model)
    out = {}
    for name, tensor in model.state_dict().items():
        if name.endswith((".A", ".B")):
            continue
        wide = tensor.detach().float().cpu()
        if name in low_rank:
            a, b, scale = low_rank[name]
            wide = wide + scale * (b.float().cpu() @ a.float().cpu())
        out[name] = wide
    return out
