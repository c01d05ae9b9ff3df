"""Training batches in the model's own layout: a group's passages, and prompts that share them.

Shapes as in `model.py`: G groups, P passages, Q prompts, L tokens.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from .synthetic import Group, World
from .teacher import Teacher
from .text import Layout, question_prompt


# Tokens. The first must leave every kind in: at 40, which nine passages in ten keep, groups of countries were hardly ever drawn, and
# countries were not found. A prompt also has BOS and an end token.
SHORT_PASSAGE, SHORT_PROMPT = 48, 22


@dataclass
class Batch:
    """One step's input.

    - `passages` `[G, P, Lp]`, `passage_lengths` `[G, P]`; both None for a task without retrieval.
    - `prompts` `[G, Q, Lq]`, `prompt_lengths` `[G, Q]`: the part before the answer.
    - `weights` `[G, Q, Lq]`: the loss weight of predicting the *next* token at each place; `answer` is 1 on answers only.
    - `gold` `[G, Q]`: the passage that answers.
    - `positive` `[G·Q, G·P]`: the teacher's pseudo-positives, where retrieval is trained.
    """

    task: str
    passages: Tensor | None
    passage_lengths: Tensor | None
    prompts: Tensor
    prompt_lengths: Tensor
    weights: Tensor
    answer: Tensor
    gold: Tensor
    positive: Tensor | None = None

    def gold_column(self) -> Tensor:
        """Per question `[G·Q]` the place of its gold passage among all passages of the batch."""
        starts = torch.arange(self.gold.shape[0])[:, None] * self.passages.shape[1]
        return (starts + self.gold).flatten()

    @property
    def tokens(self) -> int:
        """How many tokens the model runs, padding included."""
        return self.prompts.numel() + (0 if self.passages is None else self.passages.numel())


def pad(rows: list[list[int]], multiple: int = 8) -> tuple[Tensor, Tensor]:
    """Rows padded on the right with 0 to a common length, `[n, L]`, and their lengths `[n]`."""
    width = max(map(len, rows))
    width += -width % multiple
    out = torch.zeros(len(rows), width, dtype=torch.long)
    for index, row in enumerate(rows):
        out[index, : len(row)] = torch.tensor(row)
    return out, torch.tensor([len(row) for row in rows])


class BatchMaker:
    """Draws batches of the tasks `copy`, `recite`, `ask`, `search` (`ask` without reading) and `plain`."""

    def __init__(self, world: World, layout: Layout, teacher: Teacher, seed: int) -> None:
        self.world, self.layout, self.teacher = world, layout, teacher
        self.random = random.Random(seed)

    def make(
        self, task: str, groups: int, passages: int, questions: int, similar: float, question_weight: float, short: bool
    ) -> Batch:
        """One batch of a task.

        `similar` is the chance that a group's passages are of one kind, with similar names; `short` leaves out groups that
        would need much padding.
        """
        if task == "copy":
            return self._copy(groups, passages, questions)
        drawn = [self._group(passages, questions, similar, short) for _ in range(groups)]
        if task in ("ask", "search"):
            return self._ask(task, drawn, question_weight)
        if task == "recite":
            return self._recite(drawn, questions)
        if task == "plain":
            return self._plain(drawn)
        raise ValueError(f"task must be copy, recite, ask, search or plain, not {task!r}")

    def _group(self, passages: int, questions: int, similar: float, short: bool) -> Group:
        """A group, drawn again until it is short enough where it must be."""
        while True:
            group = self.world.group(passages, questions, similar)
            if not short or (
                max(map(len, self.layout.passages(group.passages))) <= SHORT_PASSAGE
                and max(map(len, self.layout.ids([f"{question_prompt(q.text)} {q.answer}" for q in group.questions]))) <= SHORT_PROMPT
            ):
                return group

    def _assemble(
        self, task: str, groups: int, passages: list[list[int]] | None, rows: list[tuple[list[int], list[int], int]], free: int,
        question_weight: float,
    ) -> Batch:
        """From rows (prompt ids, answer ids, gold passage); the first `free` answer tokens are given without loss."""
        prompts, _ = pad([prompt + answer for prompt, answer, _ in rows])
        weights = torch.zeros(prompts.shape)
        answer_mask = torch.zeros(prompts.shape)
        for index, (prompt, answer, _) in enumerate(rows):
            end = len(prompt) + len(answer) - 1
            weights[index, : len(prompt) - 1] = question_weight
            weights[index, len(prompt) - 1 + free : end] = 1
            answer_mask[index, len(prompt) - 1 + free : end] = 1
        shape = (groups, len(rows) // groups)
        packed, lengths = (None, None) if passages is None else pad(passages)
        return Batch(
            task,
            None if packed is None else packed.unflatten(0, (groups, -1)),
            None if lengths is None else lengths.unflatten(0, (groups, -1)),
            prompts.unflatten(0, shape),
            torch.tensor([len(prompt) for prompt, _, _ in rows]).unflatten(0, shape),
            weights.unflatten(0, shape),
            answer_mask.unflatten(0, shape),
            torch.tensor([gold for _, _, gold in rows]).unflatten(0, shape),
        )

    def _copy(self, groups: int, passages: int, questions: int) -> Batch:
        """Random tokens; a prompt begins somewhere inside a passage and goes on as the passage does."""
        texts, rows = [], []
        vocabulary = min(self.layout.bos, self.layout.eos)
        for _ in range(groups):
            # Few distinct tokens in some groups: then one token back is not enough to know the place.
            alphabet = [self.random.randrange(vocabulary) for _ in range(self.random.choice((12, 40, 200)))]
            own = [self.random.choices(alphabet, k=self.random.randint(16, 40)) for _ in range(passages)]
            texts += [[self.layout.bos] + ids for ids in own]
            for _ in range(questions):
                gold = self.random.randrange(passages)
                start = self.random.randrange(len(own[gold]) - 8)
                length = self.random.randint(8, 24)
                rows.append(([self.layout.bos], own[gold][start : start + length], gold))
        return self._assemble("copy", groups, texts, rows, 3, 0.0)

    def _recite(self, drawn: list[Group], questions: int) -> Batch:
        """The title, then the passage's text."""
        passages = self.layout.passages([p for group in drawn for p in group.passages])
        rows = []
        for group in drawn:
            chosen = [self.random.randrange(len(group.passages)) for _ in range(min(questions, len(group.passages)))]
            prompts = self.layout.prompts([f"{group.passages[i][0]}\n" for i in chosen])
            texts = self.layout.ids([group.passages[i][1] for i in chosen])
            rows += [(p, t + [self.layout.eos], i) for p, t, i in zip(prompts, texts, chosen)]
        return self._assemble("recite", len(drawn), passages, rows, 0, 0.0)

    def _ask(self, task: str, drawn: list[Group], question_weight: float) -> Batch:
        """Questions and answers, with the teacher's pseudo-positives."""
        passages = [p for group in drawn for p in group.passages]
        questions = [q for group in drawn for q in group.questions]
        prompts = self.layout.prompts([question_prompt(q.text) for q in questions])
        answers = self.layout.answers([q.answer for q in questions])
        rows = [(p, a, q.passage) for p, a, q in zip(prompts, answers, questions)]
        batch = self._assemble(task, len(drawn), self.layout.passages(passages), rows, 0, question_weight)
        batch.positive = self.teacher.positives([q.text for q in questions], [f"{t} {x}" for t, x in passages])
        return batch

    def _plain(self, drawn: list[Group]) -> Batch:
        """Passages as plain text, read without retrieval from position 0; and a word to say again."""
        rows = []
        for group in drawn:
            ids = self.layout.ids([f"{title}\n{text}" for title, text in group.passages])
            rows += [([self.layout.bos], i + [self.layout.eos], 0) for i in ids]
            names = [title for title, _ in group.passages]
            prompts = self.layout.prompts([f"Q: Say again: {name} A:" for name in names])
            rows += [(p, a, 0) for p, a in zip(prompts, self.layout.answers(names))]
        return self._assemble("plain", len(drawn), None, rows, 0, 0.0)
