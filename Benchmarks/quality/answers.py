"""Answers: exact match and F1 of ours and of the baselines, on the same questions with the same number of passages.

What answers, each a *reader* with a *source* of passages:
- ours (`imprag generate`): passages by its own vectors, by these fused with words, the right one among five, none;
- a fine-tuned baseline (PyTorch): BM25's or MiniLM's passages in its prompt, the right one among five, or none.
"""

import functools
import json
import pathlib
import subprocess
import sys
import time

import numpy

import decode
import metrics
import results
import sources
import vectors

K = 5
MAX_TOKENS = 32
BLOCK = 64


def gold_among_five(questions, corpus, words, seed=1):
    """Of each question its right passage (one with an answer inside, where there is one) and BM25's best four others, in
    an order that the seed and the question's place decide: the same for every reader."""
    by_id = {passage.id: passage for passage in sources.passages(corpus)}
    passages, found = sources.passages(corpus), []
    for place, (question, row) in enumerate(zip(questions, words)):
        gold = [by_id[id] for id in sorted(question.gold[0]) if id in by_id]
        finder = metrics.Finder(question.answers)
        right = next((passage for passage in gold if finder.inside(passage.text)), gold[0])
        others = [passages[i] for i in row[row >= 0] if passages[i].id not in question.gold[0]][: K - 1]
        chosen = [right, *others]
        order = numpy.random.default_rng([seed, place]).permutation(len(chosen))
        found.append([chosen[i] for i in order])
    return found


def listed(ranks, corpus):
    """The first K passages of a ranking."""
    passages = sources.passages(corpus)
    return [[passages[i] for i in row[:K] if i >= 0] for row in ranks]


class Ours:
    """`imprag generate`: greedy answers over given passages, best first."""

    def __init__(self, options):
        self.command = [options.imprag, "generate", "--model", str(options.model)]
        self.name = options.label
        self.key = vectors.Ours(options.model, options.imprag).key

    def answer(self, prompts, passages, k):
        rows = (
            {"id": i, "prompt": prompt, "k": k, "max_tokens": MAX_TOKENS,
             "passages": [{"title": p.title, "text": p.text} for p in chosen]}
            for i, (prompt, chosen) in enumerate(zip(prompts, passages))
        )  # fmt: skip
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        done = subprocess.run(self.command, input=lines, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
        return [json.loads(line)["text"] for line in done.stdout.split("\n") if line]


class Baseline:
    """A fine-tuned Llama that has the passages in its prompt."""

    def __init__(self, name, folder):
        self.name, self.folder = name, pathlib.Path(folder)
        weights = sorted(self.folder.glob("*.safetensors"))
        self.key = f"prompt-{vectors.digest([[p.name, vectors.file_digest(p)] for p in weights])[:16]}"

    @functools.cached_property
    def decoder(self):
        return decode.Decoder(self.folder)

    def answer(self, prompts, passages, k):
        return self.decoder.answer(prompts, passages, MAX_TOKENS)


def kept(reader, prompts, passages, k):
    """Answers block by block, those computed before from the cache."""
    folder = vectors.FOLDER / "answers" / reader.key
    folder.mkdir(parents=True, exist_ok=True)
    found, begun = [], time.monotonic()
    for start in range(0, len(prompts), BLOCK):
        asked, read = prompts[start : start + BLOCK], passages[start : start + BLOCK]
        path = folder / f"{vectors.digest([asked, [[(p.title, p.text) for p in each] for each in read], k, MAX_TOKENS])}.json"
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(reader.answer(asked, read, k), ensure_ascii=False), encoding="utf-8")
            fresh.replace(path)
            print(f"{reader.name}: {start + len(asked)} of {len(prompts)}, {time.monotonic() - begun:.0f} s", file=sys.stderr)
        found += json.loads(path.read_text(encoding="utf-8"))
    return found


def score(answers, questions):
    """Exact match and F1 with their intervals, and question by question."""
    exact = [float(metrics.exact_match(text, question.answers)) for text, question in zip(answers, questions)]
    f1 = [metrics.f1(text, question.answers) for text, question in zip(answers, questions)]
    return {"exact": metrics.interval(exact), "f1": metrics.interval(f1), "each": "".join("01"[int(e)] for e in exact)}


def cases(options, ranking, fusion, each, corpus):
    """What is measured on a set: (reader, name of the source, passages of each question, requested number)."""
    count = min(options.limit, len(each.questions))
    words = ranking("BM25", each.questions, corpus)[:count]
    gold = gold_among_five(each.questions[:count], corpus, words)
    none = [[]] * count
    if options.model:
        ours = Ours(options)
        encoder = vectors.Ours(options.model, options.imprag, options.label)
        own = ranking(encoder, each.questions, corpus)[:count]
        fused, _ = fusion(encoder, each.questions, corpus, "words")
        yield ours, "its own", listed(own, corpus), K
        yield ours, "its own + words", listed(fused[:count], corpus), K
        yield ours, "the right one among five", gold, K
        yield ours, "none", none, 0
    for baseline in options.baseline:
        name, folder = baseline.split("=", 1)
        reader = Baseline(name, folder)
        retriever = decode.retriever(reader.folder)
        if retriever == "none":
            yield reader, "none", none, 0
            continue
        if retriever == "BM25":
            ranks = words
        elif retriever == "MiniLM":
            ranks = ranking(vectors.MiniLM(), each.questions, corpus)[:count]
        else:
            ranks = ranking(vectors.Ours(retriever, options.imprag, name), each.questions, corpus)[:count]
        yield reader, pathlib.Path(retriever).name, listed(ranks, corpus), K
        yield reader, "the right one among five", gold, K


def run(options, ranking, fusion):
    part = results.Part("answers")
    for each in options.sets:
        corpus, questions = each.corpora[0], each.questions[: options.limit]
        prompts = [question.prompt for question in questions]
        for reader, source, passages, k in cases(options, ranking, fusion, each, corpus):
            keys = {"set": each.name, "reader": reader.name, "passages": source}
            current = {"key": reader.key, "questions": len(questions)}
            if not options.again and part.find(keys | current):
                continue
            part.put(keys, current | score(kept(reader, prompts, passages, k), questions))
