"""Ours as a user has it: `imprag index` over a corpus and `imprag eval` over the questions, end to end."""

import json
import subprocess

import results
import sources
import vectors
from answers import MAX_TOKENS, score


def index(options, corpus):
    """The index of a corpus, made once a model; goes on where it stopped."""
    folder = vectors.FOLDER / f"{vectors.Ours(options.model, options.imprag).key}-{corpus}"
    documents = vectors.FOLDER / f"{corpus}.jsonl"
    lines = (json.dumps({"id": d.id, "title": d.title, "text": d.text}) + "\n" for d in sources.documents(corpus))
    documents.write_text("".join(lines), encoding="utf-8")
    command = [options.imprag, "index", "--model", str(options.model), "--corpus", str(documents), "--out", str(folder)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return folder


def run(options):
    """Enters what `imprag eval` says beside the other answers."""
    part = results.Part("answers")
    for each in options.sets:
        for words, passages in (("off", "its own, `imprag eval`"), ("fuse", "its own and by words, `imprag eval`")):
            run_one(options, part, each, words, passages)


def run_one(options, part, each, words, passages):
    """One question set with `words` off or fused."""
    questions = each.questions[: options.limit]
    keys = {"set": each.name, "reader": options.label, "passages": passages}
    current = {"key": vectors.Ours(options.model, options.imprag).key, "questions": len(questions)}
    if not options.again and part.find(keys | current):
        return
    asked, details = vectors.FOLDER / "eval-questions.jsonl", vectors.FOLDER / "eval-details.jsonl"
    rows = ({"id": str(i), "question": q.prompt, "answers": q.answers} for i, q in enumerate(questions))
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [options.imprag, "eval", "--model", str(options.model), "--index", str(index(options, each.corpora[0])), "--words", words]
    command += ["--questions", str(asked), "--raw", "--json", "--max-tokens", str(MAX_TOKENS), "--details", str(details)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    said = [json.loads(line)["answer"] for line in details.read_text(encoding="utf-8").split("\n") if line]
    figures = score(said, questions)
    theirs = json.loads(done.stdout)["exact_match"]
    if abs(theirs - figures["exact"][0]) > 1e-6:
        raise SystemExit(f"{each.name}: imprag eval counts {theirs} exact matches, we count {figures['exact'][0]}")
    part.put(keys, current | figures)
