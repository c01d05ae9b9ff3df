#!/usr/bin/env python3
"""Shows that nothing that is tested was trained on.

    contamination.py MANIFEST [MANIFEST ...]
                         exits 1 and names what is in both, 2 if a manifest cannot be judged
    contamination.py --export DIR
                         lists for a trainer what to leave out: heldout-{subjects,titles,passages,questions}.txt

A manifest is JSON Lines, one row for everything trained on, plain or gzip:

    {"kind": "question", "id": "eq-000001", "sha256": "…", "title": "Vidar Kleppe"}
    {"kind": "passage", "id": "squad-00001", "sha256": "…", "title": "Amazon rainforest"}

- `question` is every prompt with an answer: questions, claims, slots; its text is the question or claim without the
  template, `title` its subject where that is known, or null.
- `passage` is every passage read, retrieved, ranked or learnt by heart; its text is without the title.
- `sha256` is that of the text in UTF-8, folded as `sources.fold` does; `text` may stand there instead.
"""

import argparse
import dataclasses
import functools
import gzip
import hashlib
import json
import pathlib
import sys

import questions
import sources
import splits

SHOWN = 20


class BadManifest(Exception):
    """A row that cannot be judged."""


def text_hash(text):
    return hashlib.sha256(sources.fold(text).encode()).hexdigest()


@dataclasses.dataclass
class Tested:
    """What must not be trained on: ids and text hashes of questions and documents, subjects, titles."""

    questions: set
    question_hashes: set
    subjects: set
    passages: set
    passage_hashes: set
    titles: set

    def reason(self, row):
        """Why `row` must not have been trained on; None if it may."""
        title = sources.fold(row.get("title") or "")
        if row["kind"] == "question":
            if str(row["id"]) in self.questions:
                return "it is a test question"
            if row["sha256"] in self.question_hashes:
                return "it has the words of a test question"
            return f"its subject is held out: {title}" if title in self.subjects else None
        if sources.document_id(str(row["id"])) in self.passages:
            return "it belongs to an article never to be trained on, or repeats one"
        if row["sha256"] in self.passage_hashes:
            return "it has the text of a passage never to be trained on"
        return f"its article is never to be trained on: {title}" if title in self.titles else None


@functools.cache
def tested():
    """All of it, from the data on this machine."""
    asked = [question for each in questions.SETS.values() for question in each.questions]
    held_claims = [row for found in splits.claims().values() for row in found]
    slots = [row["id"] for row in sources.rows("trex/triples.jsonl") if splits.is_held_out_slot(row["subject"])]
    never = splits.never_trained()
    return Tested(
        questions={question.id for question in asked} | {str(row["id"]) for row in held_claims} | set(slots),
        question_hashes={text_hash(q.plain) for q in asked} | {text_hash(row["claim"]) for row in held_claims},
        subjects=set(splits.subjects()),
        passages={document.id for document in never},
        passage_hashes={text_hash(text) for d in never for text in [d.text, *sources.pieces(d.text)]},
        titles=set(splits.titles()),
    )


def rows(path):
    """The rows of a manifest, checked."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadManifest(f"{path}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict) or row.get("kind") not in ("question", "passage"):
                raise BadManifest(f'{path}:{number}: "kind" must be "question" or "passage"')
            if "id" not in row or "title" not in row or not (row.get("sha256") or row.get("text")):
                raise BadManifest(f'{path}:{number}: "id", "title" (or null) and "sha256" or "text" are needed')
            if not row.get("sha256"):
                row["sha256"] = text_hash(row["text"])
            yield row


def check(paths, against):
    """The number of rows of each kind, and what must not be there: lines of text."""
    counts, problems = {"question": 0, "passage": 0}, []
    for path in paths:
        for row in rows(path):
            counts[row["kind"]] += 1
            if reason := against.reason(row):
                problems.append(f"{path.name}: {row['kind']} {row['id']}: {reason}")
    if not sum(counts.values()):
        raise BadManifest(f"{', '.join(map(str, paths))}: no row, so nothing is shown")
    return counts, problems


def copies(against):
    """Ids of rows of the shared data, of whatever set, that are test questions, ask the same, or are about a held-out
    subject."""
    for path in sorted(sources.shared().glob("*/*.jsonl*")):
        name = f"{path.parent.name}/{path.name.removesuffix('.gz')}"
        if "passages" in name or path.parent.name in ("ann", "text") or path.parent.name.startswith("tokenizer"):
            continue
        for row in sources.rows(name):
            text = row.get("question") or row.get("claim") or ""
            candidate = {"kind": "question", "id": row["id"], "sha256": text_hash(text), "title": row.get("title")}
            if against.reason(candidate):
                yield str(row["id"])


def export(folder):
    against = tested()
    lists = {
        "subjects": against.subjects,
        "titles": against.titles,
        # Articles have the ids that `make wiki-corpus` gives them as well.
        "passages": against.passages | {f"en:{d.id}" for d in sources.documents("articles") if d.id in against.passages},
        "questions": set(copies(against)) | against.questions,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in lists.items():
        (folder / f"heldout-{name}.txt").write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
        print(f"heldout-{name}.txt: {len(lines)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifests", nargs="*", type=pathlib.Path, metavar="MANIFEST")
    parser.add_argument("--export", type=pathlib.Path, metavar="DIR")
    options = parser.parse_args()
    if options.export:
        export(options.export)
        return 0
    if not options.manifests:
        parser.error("a manifest is needed")
    counts, problems = check(options.manifests, tested())
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"… and {len(problems) - SHOWN} more")
    print(f"{counts['question']} questions, {counts['passage']} passages trained on; {len(problems)} of them are tested")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BadManifest, sources.Missing, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
