#!/usr/bin/env python3
"""What is held out, and how: by hashes with a fixed seed, so that every machine and every trainer holds out the same.

    splits.py            checks the committed lists of hashes (heldout/)
    splits.py --write    writes them

`contamination.py --export` writes the same in plain text, for a trainer that leaves it out.

Four parts:
- subjects: 300 or a few more entity questions whose subject is an article and whose answer stands in its lead, chosen
  subject by subject; no question about such a subject, from whatever set, may be trained on;
- claims: a tenth of CREAK's and FEVER's claims, chosen by their text, so that a claim that stands in two sets is held
  out in both;
- slots: T-REx's triples about a third of the subjects;
- titles: the articles of SQuAD's and NQ's development questions; none of their passages may be trained on.
"""

import argparse
import functools
import hashlib
import pathlib
import re
import sys

import metrics
import sources

SEED = "imprag quality 1"
HELD_OUT_QUESTIONS = 300
CLAIM_SHARE = 10
SLOT_SUBJECT_SHARE = 3
CLAIM_FILES = {"creak": "creak/train.jsonl", "fever": "fever/dev.jsonl", "fever-evidence": "fever-evidence/dev.jsonl"}
# As many words in a row as two passages must share to count as the same text.
OVERLAP_WORDS = 13
FOLDER = pathlib.Path(__file__).resolve().parent / "heldout"


def digest(text):
    """64 bits of a text's SHA-256 under the seed, as hexadecimal."""
    return hashlib.sha256(f"{SEED}\n{sources.fold(text)}".encode()).hexdigest()[:16]


@functools.cache
def entity_questions():
    """All entity questions whose subject is an article and whose answer stands in that article's lead."""
    by_title = {sources.fold(title): article for title, article in sources.articles().items()}
    found = []
    for name in ("train", "dev"):
        for row in sources.rows(f"entityquestions/qa.{name}.jsonl"):
            article = by_title.get(sources.fold(row["title"]))
            if article and metrics.contains(article["extract"], row["answers"]):
                found.append(row | {"article": article["title"]})
    return found


@functools.cache
def subjects():
    """The folded subjects held out: in the order of their hashes, until they have enough questions."""
    counts = {}
    for row in entity_questions():
        subject = sources.fold(row["title"])
        counts[subject] = counts.get(subject, 0) + 1
    chosen, total = [], 0
    for subject in sorted(counts, key=digest):
        if total >= HELD_OUT_QUESTIONS:
            break
        chosen.append(subject)
        total += counts[subject]
    return frozenset(chosen)


def is_held_out_claim(text):
    return int(digest(text), 16) % CLAIM_SHARE == 0


def is_held_out_slot(subject):
    """Whether T-REx's triples about a subject are for testing."""
    return int(digest(subject), 16) % SLOT_SUBJECT_SHARE == 0


@functools.cache
def claims():
    """Held-out claims: set name to rows."""
    return {name: [row for row in sources.rows(file) if is_held_out_claim(row["claim"])] for name, file in CLAIM_FILES.items()}


@functools.cache
def test_passage_ids():
    """The passages that SQuAD's and NQ's development questions ask about."""
    names = ("squad/qa.dev.jsonl", "nq/qa.dev-sample.jsonl")
    return frozenset(row["passage_id"] for name in names for row in sources.rows(name))


@functools.cache
def titles():
    """The folded titles of the articles never trained on."""
    asked = test_passage_ids()
    return frozenset(sources.fold(d.title) for name in ("squad", "nq") for d in sources.documents(name) if d.id in asked)


def shingles(text):
    """Hashes of all runs of `OVERLAP_WORDS` words."""
    words = re.findall(r"\w+", text.casefold())
    return {hash(tuple(words[i : i + OVERLAP_WORDS])) for i in range(len(words) - OVERLAP_WORDS + 1)}


@functools.cache
def never_trained():
    """All documents, of whatever set, that belong to an article never trained on or repeat words of one; the articles'
    ids are their titles."""
    tested = [d for name in ("squad", "nq") for d in sources.documents(name) if sources.fold(d.title) in titles()]
    seen = set().union(*(shingles(document.text) for document in tested))
    everything = sources.documents("all") + sources.documents("articles")
    return [d for d in everything if sources.fold(d.title) in titles() or not seen.isdisjoint(shingles(d.text))]


def lists():
    """File name to lines: hashes alone, nothing of the data itself."""
    return {
        "subjects.txt": sorted(map(digest, subjects())),
        "claims.txt": sorted({digest(row["claim"]) for found in claims().values() for row in found}),
        "titles.txt": sorted(map(digest, titles())),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    wrong = []
    for name, lines in lists().items():
        text = "".join(f"{line}\n" for line in lines)
        if options.write:
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / name).write_text(text)
        elif (FOLDER / name).read_text() != text:
            wrong.append(name)
        print(f"{name}: {len(lines)}")
    if wrong:
        print(f"{', '.join(wrong)}: the committed list is not what this data gives", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except sources.Missing as missing:
        sys.exit(str(missing))
