"""The losses: J = J_gen + λ · J_ret (design, section 2, Training)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def generation_loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """J_gen: weighted mean cross-entropy. `logits` `[n, V]`, `targets`, `weights` `[n]`."""
    losses = F.cross_entropy(logits.float(), targets, reduction="none")
    return (losses * weights).sum() / weights.sum()


def contrastive_loss(scores: Tensor, positive: Tensor) -> Tensor:
    """J_ret of the warm-up: multi-label NCE, each positive against all negatives, never against another positive.

    `scores` `[questions, passages]` and `positive`, of the same shape. Rows without a positive do not count. Mean over
    questions of −Σ log(e^s(p) / (e^s(p) + Σ_n e^s(n))).
    """
    negatives = scores.masked_fill(positive, float("-inf")).logsumexp(1, keepdim=True)
    losses = torch.logaddexp(scores, negatives) - scores
    rows = positive.any(1)
    return (losses * positive).sum() / rows.sum().clamp(min=1)


def distillation_loss(scores: Tensor, answer_log_probability: Tensor, teacher_tau: float, student_tau: float) -> Tensor:
    """J_ret after the warm-up: KL(P_T ‖ P_R), mean over questions; both arguments `[questions, candidates]`.

    P_T ∝ exp(log P_LM(r | p, q) / τ_t) carries no gradient, P_R ∝ exp(s(q, p) / τ_r).
    """
    teacher = (answer_log_probability.detach() / teacher_tau).log_softmax(1)
    student = (scores / student_tau).log_softmax(1)
    return F.kl_div(student, teacher, log_target=True, reduction="batchmean")
