"""Exact match and retrieval recall of a model over a corpus, by exact search over all its passages."""

from __future__ import annotations

import argparse
import json
import random
import re
import string
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch import Tensor

from .batches import pad
from .checkpoint import load_model
from .model import ImpRAG
from .text import Layout, question_prompt

PUNCTUATION = set(string.punctuation)


def normalised(answer: str) -> str:
    """The usual answer normalisation: lower case, no punctuation, no articles, single spaces."""
    kept = "".join(c for c in answer.lower() if c not in PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def read_lines(path: Path) -> list[dict]:
    """The objects of a JSON Lines file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Evaluator:
    """A model with an index over a corpus; weights as stored, float32 arithmetic unless autocast is asked for."""

    def __init__(self, model: ImpRAG, layout: Layout, passages: list[dict], quick: bool = False) -> None:
        self.model, self.layout, self.passages = model, layout, passages
        self.quick = quick
        self.ids = layout.passages([(p.get("title"), p["text"]) for p in passages])
        self.cut = sum(len(ids) == layout.max_passage_tokens for ids in self.ids)
        self.index = self._embed()

    def _arithmetic(self):
        return torch.autocast("cpu", torch.bfloat16, enabled=self.quick)

    @torch.no_grad()
    def _embed(self) -> Tensor:
        """All passage embeddings `[passages, K·d]`, in batches of similar length."""
        order = sorted(range(len(self.ids)), key=lambda i: len(self.ids[i]))
        c = self.model.config
        index = torch.zeros(len(self.ids), c.kv_heads * c.head_size)
        with self._arithmetic():
            for start in range(0, len(order), 256):
                chosen = order[start : start + 256]
                tokens, lengths = pad([self.ids[i] for i in chosen], 1)
                index[chosen] = self.model.embed_passages(tokens, lengths).float()
        return index

    @torch.no_grad()
    def search(self, questions: list[str], depth: int = 10) -> Tensor:
        """The best passages of each question, `[questions, depth]`, best first."""
        tokens, lengths = pad(self.layout.prompts([question_prompt(q) for q in questions]), 1)
        with self._arithmetic():
            queries = self.model.embed_queries(tokens, lengths).float()
        return (queries @ self.index.T).topk(depth, 1).indices

    @torch.no_grad()
    def answer(self, questions: list[str], found: Tensor | None, max_tokens: int = 24) -> list[str]:
        """Greedy answers; `found` `[questions, k]` are the passages to read, None for the plain decoder."""
        answers: list[str] = []
        for start in range(0, len(questions), 64):
            part = slice(start, start + 64)
            answers += self._answer(questions[part], None if found is None else found[part], max_tokens)
        return answers

    def _answer(self, questions: list[str], found: Tensor | None, max_tokens: int) -> list[str]:
        c = self.model.config
        prompts = self.layout.prompts([question_prompt(q) for q in questions])
        with self._arithmetic():
            passages, first = None, 0
            if found is not None:
                tokens, lengths = pad([self.ids[i] for row in found.tolist() for i in row], 1)
                shape = tuple(found.shape)
                passages = self.model.encode_passages(tokens.unflatten(0, shape), lengths.unflatten(0, shape))
                first = found.shape[1] * c.max_passage_tokens
            rows = [list(p) for p in prompts]
            ended = [False] * len(rows)
            for _ in range(max_tokens):
                tokens, lengths = pad(rows, 1)
                reading = self.model.read(tokens[:, None], lengths[:, None], first, passages)
                last = reading.hidden[torch.arange(len(rows)), 0, lengths - 1]
                for i, token in enumerate(self.model.logits(last).argmax(-1).tolist()):
                    ended[i] = ended[i] or token in c.eos
                    if not ended[i]:
                        rows[i].append(token)
                if all(ended):
                    break
        return [self.layout.tokenizer.decode(row[len(p) :]).strip() for row, p in zip(rows, prompts)]


def evaluate(evaluator: Evaluator, questions: list[dict], top_ks: list[int]) -> list[dict]:
    """Per question: what was found, what was answered from the best k passages for each k of `top_ks`, what was right."""
    asked = [q["question"] for q in questions]
    found = evaluator.search(asked)
    answers = {k: evaluator.answer(asked, found[:, :k] if k else None) for k in top_ks}
    rows = []
    for place, (question, hits) in enumerate(zip(questions, found.tolist())):
        gold = {normalised(a) for a in question["answers"]}
        texts = [f"{evaluator.passages[i].get('title') or ''}\n{evaluator.passages[i]['text']}" for i in hits]
        rank = next((n for n, text in enumerate(texts) if any(a in text for a in question["answers"])), len(hits))
        own = [evaluator.passages[i]["id"] for i in hits]
        rows.append({
            "id": question["id"], "group": f"{question.get('kind', 'all')}/{question.get('relation', '')}",
            "rank": rank, "own_rank": own.index(question["passage"]) if question.get("passage") in own else len(hits),
            "answer": {k: answers[k][place] for k in top_ks},
            "right": {k: normalised(answers[k][place]) in gold for k in top_ks},
            "gold": question["answers"], "question": question["question"],
        })
    return rows


def table(rows: list[dict], by) -> str:
    """A Markdown table of the figures, one line per value of `by(row)`, and one for all."""
    top_ks = list(rows[0]["right"])
    groups: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    lines = [
        "| questions | n | recall@1 | recall@5 | recall@10 | own passage@1 | own passage@10 | "
        + " | ".join(f"exact match, k = {k}" for k in top_ks) + " |",
        "|---" * (7 + len(top_ks)) + "|",
    ]
    share = lambda part, test: f"{100 * sum(map(test, part)) / len(part):.1f}"
    for name, part in [*sorted(groups.items()), ("**all**", rows)]:
        figures = [share(part, lambda r, n=n: r["rank"] < n) for n in (1, 5, 10)]
        figures += [share(part, lambda r, n=n: r["own_rank"] < n) for n in (1, 10)]
        figures += [share(part, lambda r, k=k: r["right"][k]) for k in top_ks]
        lines.append(f"| {name} | {len(part)} | " + " | ".join(figures) + " |")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Exact match and recall of a model over a corpus and its questions.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--encyclopedia", type=Path, default=Path("Examples/encyclopedia"))
    parser.add_argument("--limit", type=int, help="a random sample of so many questions")
    parser.add_argument("--top-k", type=int, nargs="+", help="how many passages to read, 0 for none; the model's top_k and 0 by default")
    parser.add_argument("--quick", action="store_true", help="bf16 products")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong answers")
    parser.add_argument("--relations", action="store_true", help="one line per kind and relation instead of per kind")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    began = time.monotonic()
    model = load_model(options.model).eval()
    c = model.config
    layout = Layout.load(options.model, c.bos, c.eos[0], c.max_passage_tokens)
    passages = read_lines(options.encyclopedia / "passages.jsonl")
    questions = read_lines(options.encyclopedia / "questions.jsonl")
    if options.limit:
        questions = random.Random(1).sample(questions, options.limit)
    evaluator = Evaluator(model, layout, passages, options.quick)
    top_ks = options.top_k or [c.top_k, 0]
    rows = evaluate(evaluator, questions, top_ks)
    print(table(rows, (lambda r: r["group"]) if options.relations else (lambda r: r["group"].split("/")[0])))
    print(f"{len(passages):,} passages, {evaluator.cut} cut at {c.max_passage_tokens} tokens, {time.monotonic() - began:.0f} s")
    wrong = [row for row in rows if not row["right"][top_ks[0]]]
    for row in random.Random(2).sample(wrong, min(options.show, len(wrong))):
        print(f"{row['question']}  →  {row['answer'][top_ks[0]]!r}, right is {row['gold']}, own passage at {row['own_rank']}")


if __name__ == "__main__":
    main()
