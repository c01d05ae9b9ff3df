"""The losses, against what their formulas give by hand."""

import math

import pytest
import torch

from imprag_training.objective import contrastive_loss, distillation_loss, generation_loss


def test_contrastive_loss_is_the_formula():
    scores = torch.tensor([[2.0, 1.0, 0.5, -1.0]])
    positive = torch.tensor([[True, True, False, False]])
    negatives = math.exp(0.5) + math.exp(-1.0)
    expected = -sum(math.log(math.exp(s) / (math.exp(s) + negatives)) for s in (2.0, 1.0))
    assert contrastive_loss(scores, positive).item() == pytest.approx(expected, rel=1e-5)


def test_contrastive_loss_skips_questions_without_a_positive():
    scores = torch.tensor([[2.0, 1.0], [0.0, 5.0]])
    positive = torch.tensor([[True, False], [False, False]])
    assert contrastive_loss(scores, positive).item() == pytest.approx(math.log(1 + math.exp(-1.0)), rel=1e-5)


def test_distillation_is_zero_where_scores_agree_with_the_answers():
    log_probability = torch.tensor([[-1.0, -3.0, -9.0]])
    assert distillation_loss(log_probability + 7, log_probability, 1.0, 1.0).item() == pytest.approx(0, abs=1e-6)
    assert distillation_loss(log_probability.flip(1), log_probability, 1.0, 1.0).item() > 1


def test_distillation_moves_the_scores_and_not_the_answers():
    scores = torch.zeros(1, 3, requires_grad=True)
    log_probability = torch.tensor([[-1.0, -3.0, -9.0]], requires_grad=True)
    distillation_loss(scores, log_probability, 1.0, 1.0).backward()
    assert log_probability.grad is None
    assert scores.grad[0, 0] < 0 < scores.grad[0, 2]


def test_generation_loss_counts_weights():
    logits = torch.tensor([[0.0, 0.0], [0.0, 50.0]])
    targets, weights = torch.tensor([0, 1]), torch.tensor([1.0, 3.0])
    assert generation_loss(logits, targets, weights).item() == pytest.approx(math.log(2) / 4, rel=1e-5)
