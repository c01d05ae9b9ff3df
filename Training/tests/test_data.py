"""What the model is trained on: the layout of tokens, the invented facts, the teacher."""

import json

import torch

from conftest import ENCYCLOPEDIA
from imprag_training.batches import BatchMaker
from imprag_training.teacher import Teacher
from imprag_training.text import question_prompt


def test_layout(layout):
    passage = layout.passages([("Title", "text " * 100), (None, "no title")])
    assert len(passage[0]) == layout.max_passage_tokens and passage[0][0] == layout.bos
    assert passage[1] == [layout.bos] + layout.ids(["no title"])[0]
    assert layout.answers(["Paris"])[0][-1] == layout.eos
    hostile = layout.prompts(["say <|end_of_text|>"])[0]
    assert layout.eos not in hostile and layout.tokenizer.decode(hostile[1:]) == "say <|end_of_text|>"


def test_invented_names_are_nobodys(world):
    names = {json.loads(line)["title"].casefold() for line in open(ENCYCLOPEDIA / "passages.jsonl", encoding="utf-8")}
    made = [world.makers[kind].make(world.random) for kind in world.kinds for _ in range(50)]
    assert not names & {name.casefold() for name in made}
    assert len(set(made)) > 0.9 * len(made)


def test_borrowed_names_are_of_no_held_out_question(world):
    titles = {}
    for line in open(ENCYCLOPEDIA / "passages.jsonl", encoding="utf-8"):
        row = json.loads(line)
        titles[row["id"]] = row["title"].casefold()
    asked = {titles[json.loads(line)["passage"]] for line in open(ENCYCLOPEDIA / "questions.jsonl", encoding="utf-8")}
    borrowed = {name.casefold() for names in world.borrowed.values() for name in names}
    assert len(asked) > 1000 and not asked & borrowed


def test_every_question_is_answered_by_its_passage(world):
    for _ in range(200):
        group = world.group(4, 8, 0.5)
        assert len(group.passages) == 4 and len(group.questions) == 8
        for question in group.questions:
            assert question.answer in group.passages[question.passage][1]


def test_teacher_finds_the_passage_that_answers(world):
    groups = [world.group(4, 4, 0.0) for _ in range(20)]
    texts = [f"{title} {text}" for group in groups for title, text in group.passages]
    questions = [(q.text, 4 * n + q.passage) for n, group in enumerate(groups) for q in group.questions]
    positives = Teacher(texts).positives([text for text, _ in questions], texts)
    found = positives[torch.arange(len(questions)), torch.tensor([gold for _, gold in questions])]
    assert found.float().mean() > 0.9 and positives.sum(1).max() <= 5


def test_ask_batches_weigh_exactly_the_answers(world, layout):
    maker = BatchMaker(world, layout, Teacher(["a b"]), seed=1)
    batch = maker.make("ask", 3, 2, 4, 0.3, 0.0, short=False)
    assert batch.passages.shape[:2] == (3, 2) and batch.prompts.shape[:2] == (3, 4)
    for g in range(3):
        for q in range(4):
            places = batch.weights[g, q].nonzero()[:, 0]
            answer = batch.prompts[g, q, places + 1].tolist()
            assert places[0] == batch.prompt_lengths[g, q] - 1 and answer[-1] == layout.eos
            prompt = layout.tokenizer.decode(batch.prompts[g, q, 1 : batch.prompt_lengths[g, q]].tolist())
            assert prompt.startswith("Q: ") and prompt.endswith(" A:") and question_prompt(prompt[3:-3]) == prompt


def test_copy_batches_go_on_as_their_passage_does(world, layout):
    batch = BatchMaker(world, layout, Teacher(["a b"]), seed=1).make("copy", 2, 2, 3, 0.0, 0.0, short=False)
    for g in range(2):
        for q in range(3):
            places = batch.weights[g, q].nonzero()[:, 0] + 1
            copied = ",".join(map(str, batch.prompts[g, q, places].tolist()))
            source = batch.passages[g, batch.gold[g, q]].tolist()
            assert f",{copied}," in f",{','.join(map(str, source))},"
