"""A tiny model and a small world, for every test that needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from imprag_training.config import ModelConfig
from imprag_training.model import ImpRAG
from imprag_training.synthetic import World
from imprag_training.text import Layout, tokenizer_texts, train_tokenizer

ENCYCLOPEDIA = Path(__file__).resolve().parents[2] / "Examples" / "encyclopedia"
ISO_CODES = Path("/usr/share/iso-codes/json")


@pytest.fixture(scope="session")
def world() -> World:
    """The encyclopedia's kinds, re-assigned."""
    if not ISO_CODES.exists():
        pytest.skip("iso-codes is not installed: apt-get install iso-codes")
    return World(ENCYCLOPEDIA, ISO_CODES, seed=3)


@pytest.fixture(scope="session")
def tokenizer(world):
    """A small vocabulary."""
    return train_tokenizer(tokenizer_texts(world, 300), 700)


@pytest.fixture(scope="session")
def layout(tokenizer) -> Layout:
    size = tokenizer.get_vocab_size()
    return Layout(tokenizer, size - 2, size - 1, 48)


def tiny_config(vocabulary: int, encoding: str = "independent", bottom: int = 1, top: int = 2) -> ModelConfig:
    """Four layers of 32."""
    return ModelConfig(
        vocabulary=vocabulary, hidden=32, intermediate=48, layer_count=4, heads=4, kv_heads=2, head_size=8,
        rms_norm_eps=1e-5, rope_theta=10000.0, rope_scaling=None, tied=True, bos=vocabulary - 2, eos=(vocabulary - 1,),
        max_positions=1024, bottom=bottom, top=top, top_k=3, max_passage_tokens=48, passage_encoding=encoding,
    )


@pytest.fixture()
def model(layout) -> ImpRAG:
    made = ImpRAG(tiny_config(layout.eos + 1))
    made.initialise(7)
    return made
