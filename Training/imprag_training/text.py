"""The tokenizer and the token layout of passages, prompts and answers."""

from __future__ import annotations

import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
BOS, EOS = "<|begin_of_text|>", "<|end_of_text|>"


def train_tokenizer(texts: list[str], vocabulary: int) -> Tokenizer:
    """A byte-level BPE with Llama 3's splitting pattern; the special tokens have the last ids."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - 2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([BOS, EOS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A",
        pair=f"{BOS} $A {BOS}:1 $B:1",
        special_tokens=[(BOS, tokenizer.token_to_id(BOS))],
    )
    return tokenizer


def tokenizer_texts(world, count: int) -> list[str]:
    """Invented passages and questions, and every value that may be re-assigned, for `train_tokenizer`."""
    texts = []
    for _ in range(count):
        group = world.group(4, 6, 0.5)
        texts += [f"{title}\n{text}" for title, text in group.passages]
        texts += [f"Q: {q.text} A: {q.answer}" for q in group.questions]
    for (kind, field), values in world.distinct.items():
        if world.kinds[kind].fields[field] == "pool":
            texts += [f" {value}" for value in values for _ in range(max(20, count // 100))]
    return texts


class Layout:
    """Turns text into token ids as the design's section 2 says."""

    def __init__(self, tokenizer: Tokenizer, bos: int, eos: int, max_passage_tokens: int) -> None:
        self.tokenizer, self.bos, self.eos, self.max_passage_tokens = tokenizer, bos, eos, max_passage_tokens
        # Special tokens inside data are ordinary text.
        tokenizer.encode_special_tokens = True

    @staticmethod
    def load(folder: Path, bos: int, eos: int, max_passage_tokens: int) -> Layout:
        """With `tokenizer.json` of a Hugging Face directory."""
        return Layout(Tokenizer.from_file(str(folder / "tokenizer.json")), bos, eos, max_passage_tokens)

    def ids(self, texts: list[str]) -> list[list[int]]:
        """Token ids without any special token."""
        return [e.ids for e in self.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def passages(self, passages: list[tuple[str | None, str]]) -> list[list[int]]:
        """BOS + tokens(title, line feed, text), cut at the end."""
        joined = [f"{title}\n{text}" if title else text for title, text in passages]
        return [([self.bos] + ids)[: self.max_passage_tokens] for ids in self.ids(joined)]

    def prompts(self, prompts: list[str]) -> list[list[int]]:
        """BOS + tokens(prompt)."""
        return [[self.bos] + ids for ids in self.ids(prompts)]

    def answers(self, answers: list[str]) -> list[list[int]]:
        """tokens(space, answer) + EOS: a completion, tokenised by itself."""
        return [ids + [self.eos] for ids in self.ids([f" {a}" for a in answers])]


def question_prompt(question: str) -> str:
    """The design's template for questions."""
    return f"Q: {question} A:"
