"""The model's identities (design, section 2), on random weights in float64."""

import pytest
import torch

from conftest import tiny_config
from imprag_training.model import ImpRAG


def made(encoding="independent", bottom=1, top=2) -> ImpRAG:
    model = ImpRAG(tiny_config(50, encoding, bottom, top))
    model.initialise(1)
    return model.double()


def tokens(*shape, seed=0):
    return torch.randint(0, 48, shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_one_passage_reads_the_same_in_every_encoding():
    model = made()
    passage, prompt = tokens(1, 1, 9), tokens(1, 1, 6, seed=1)
    hidden = []
    for encoding in ("concatenated", "segmented", "independent"):
        states = model.encode_passages(passage, torch.tensor([[9]]), encoding)
        hidden.append(model.read(prompt, torch.tensor([[6]]), 48, states).hidden)
    assert torch.allclose(hidden[0], hidden[1], atol=1e-12)
    assert torch.allclose(hidden[0], hidden[2], atol=1e-12)


@torch.no_grad()
def test_full_range_equals_the_plain_decoder_on_passages_then_prompt():
    model = made("concatenated", bottom=0, top=3)
    passages, prompt = tokens(1, 2, 48), tokens(1, 1, 6, seed=1)
    states = model.encode_passages(passages, torch.tensor([[48, 48]]))
    reading = model.read(prompt, torch.tensor([[6]]), 96, states)
    whole = torch.cat((passages.flatten(1)[:, None], prompt), 2)
    plain = model.read(whole, torch.tensor([[102]]), 0, None)
    assert torch.allclose(reading.hidden[0, 0], plain.hidden[0, 0, 96:], atol=1e-10)


@torch.no_grad()
def test_a_hidden_passage_is_as_good_as_none_and_groups_can_be_put_together_anew():
    model = made()
    passages, lengths, prompt = tokens(2, 2, 9), torch.tensor([[9, 7], [8, 5]]), tokens(1, 1, 6, seed=1)
    states = model.encode_passages(passages, lengths)
    alone = model.encode_passages(passages[1:, :1], lengths[1:, :1])
    expected = model.read(prompt, torch.tensor([[6]]), 96, alone).hidden
    chosen = states.choose(torch.tensor([[2, 1]]))
    visible = torch.tensor([[[True, False]]])
    assert torch.allclose(model.read(prompt, torch.tensor([[6]]), 96, chosen, visible).hidden, expected, atol=1e-10)
    both = model.read(prompt, torch.tensor([[6]]), 96, chosen).hidden
    assert not torch.allclose(both, expected, atol=1e-6)


@torch.no_grad()
def test_padding_and_position_leave_embeddings_alone():
    model = made()
    row = tokens(1, 7)
    padded = torch.cat((row, tokens(1, 4, seed=5)), 1)
    expected = model.embed_queries(row, torch.tensor([7]))
    assert torch.allclose(model.embed_queries(padded, torch.tensor([7])), expected, atol=1e-12)
    assert torch.allclose(model.embed_queries(row, torch.tensor([7]), start=192), expected, atol=1e-9)
    states = model.encode_passages(row[:, None], torch.tensor([[7]]))
    assert torch.allclose(model.embed_passages(row, torch.tensor([7])), states.embeddings[0], atol=1e-12)


def test_boundaries_out_of_range_are_refused():
    with pytest.raises(ValueError, match="b=3, t=2"):
        tiny_config(50, bottom=3, top=2)
