"""Makes a prepared folder (`prepared.py`) of a recipe's corpora and data sets.

A recipe's `data` has `corpora` (name, path, licence, `share` of its passages to take, besides those that questions name) and `datasets`
(name, reader, path, licence, `limit`); `{NAME}` in a path is given on the command line as `--root NAME=DIR`. What `exclude` lists (text files
of titles, and of ids of questions, claims and passages, one a line) is left out of both.

`made` (`per_passage`, `tasks` as in `unlabelled.make`) adds questions of kind `made` that are made of the passages, for corpora that nobody
has asked anything about. `gate` keeps that many passages that no question names, and as many questions, out of training, for `gate.py`.

A question's kind is its data set's name where a passage of its subject holds the answer, with `-title` where only the subject's passage is
there, with `-none` where not even that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .corpora import Passage, read_corpus, read_json_lines
from .unlabelled import make, sentences

VERDICTS = {"SUPPORTS": "yes", "REFUTES": "no"}


@dataclass
class Asked:
    """One question of a data set, before its passages are known."""

    id: str
    text: str
    answers: list[str]
    template: str = "question"
    passage: str | None = None
    title: str | None = None
    evidence: str | None = None


def questions(record: dict) -> Iterator[Asked]:
    """`id`, `question`, `answers`, and `passage_id` or `title` where the passage is known."""
    if record["answers"]:
        yield Asked(str(record["id"]), record["question"], record["answers"], passage=record.get("passage_id"), title=record.get("title"))


def claims(record: dict) -> Iterator[Asked]:
    """`id`, `claim`, `label` (SUPPORTS, REFUTES; others are passed over), with `evidence` as text, or a `title`."""
    if record["label"] in VERDICTS:
        evidence = record.get("evidence") or [g["text"] for g in record.get("gold", ())]
        text = " ".join(evidence) if evidence and isinstance(evidence[0], str) else None
        yield Asked(
            str(record["id"]), record["claim"], [VERDICTS[record["label"]]], "claim", title=record.get("title"), evidence=text or None
        )


def triples(record: dict) -> Iterator[Asked]:
    """T-REx: `subject`, `object`, `pattern` (`[X] is located in [Y] .`); the relation is the pattern's words between the two."""
    relation = record["pattern"].replace("[X]", "").replace("[Y]", "").strip(" .")
    yield Asked(record["id"], f"{record['subject']} [SEP] {relation}", [record["object"]], "slot", title=record["subject"])


def instructions(record: dict) -> Iterator[Asked]:
    """`instruction` and `output` (or `prompt` and `response`), with `input` or `context` where there is one: what is answered without passages."""
    asked, answer = record.get("instruction") or record.get("prompt"), record.get("output") or record.get("response")
    if asked and answer:
        given = record.get("input") or record.get("context")
        text = f"{asked}\n\n{given}" if given else asked
        yield Asked(str(record.get("id") or hashlib.sha256(text.encode()).hexdigest()[:16]), text, [answer], "plain")


READERS: dict[str, Callable[[dict], Iterator[Asked]]] = {
    "questions": questions, "claims": claims, "triples": triples, "instructions": instructions,
}


@dataclass
class Pool:
    """Passages of all corpora by row, and how questions find theirs."""

    passages: list[Passage] = field(default_factory=list)
    corpus: list[str] = field(default_factory=list)
    by_id: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_title: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, passage: Passage, corpus: str) -> None:
        """A passage; pieces are found by their document's id, too."""
        row = len(self.passages)
        self.passages.append(passage)
        self.corpus.append(corpus)
        self.by_id[passage.id].append(row)
        if "#" in passage.id:
            self.by_id[passage.id.rpartition("#")[0]].append(row)
        if passage.title:
            self.by_title[passage.title].append(row)

    def gold(self, asked: Asked) -> list[int]:
        """The rows that answer: with the passage's id or subject, and the answer inside where it is not a verdict."""
        rows = self.by_id.get(asked.passage, []) if asked.passage else self.by_title.get(asked.title or "", [])
        if asked.template == "claim" or asked.answers in (["yes"], ["no"]):
            return rows[:1]
        return [row for row in rows if any(a and a in self.passages[row].text for a in asked.answers)]


def folded(text: str) -> str:
    """A title or text as it is compared: case and the encoding of accents do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())


def keep_for_gate(
    count: int, pool: Pool, kept: list[int], named: set[int], rows: list[dict], path: Path, rng: random.Random
) -> tuple[list[int], list[dict]]:
    """Writes `count` passages that no question names and `count` questions to `path`; returns the passages and questions that remain.

    Where every passage is named, as with one question made of each, those go whose questions can go along.
    """
    free = [i for i in kept if i not in named] or [i for i in kept if all(r["kind"] == "made" for r in rows if i in r["gold"])]
    passages = set(rng.sample(free, min(count, len(free) // 2)))
    rows = [r for r in rows if not passages & set(r["gold"])]
    asked = [i for i, r in enumerate(rows) if r["answers"] and "evidence" not in r]
    questions = set(rng.sample(asked, min(count, len(asked) // 2)))
    with path.open("w", encoding="utf-8") as file:
        for i in sorted(passages):
            file.write(json.dumps({"text": pool.passages[i].text}, ensure_ascii=False) + "\n")
        for i in sorted(questions):
            r = rows[i]
            file.write(json.dumps({"text": r["text"], "template": r["template"], "answer": r["answers"][0]}, ensure_ascii=False) + "\n")
    return [i for i in kept if i not in passages], [r for i, r in enumerate(rows) if i not in questions]


def prepare(data: dict, roots: dict[str, str], out: Path, seed: int) -> dict[str, int]:
    """Writes `passages.jsonl`, `queries.jsonl` and `trained-on.jsonl`; returns the numbers of what is in them."""
    rng = random.Random(seed)
    path = lambda text: Path(text.format(**roots))
    left_out = {line for name in data.get("exclude", ()) for line in path(name).read_text(encoding="utf-8").split("\n") if line}
    pool = Pool()
    for item in data["corpora"]:
        for passage in read_corpus(path(item["path"]), data.get("words", 100)):
            if not {passage.id, passage.id.partition("#")[0], folded(passage.title)} & left_out:
                pool.add(passage, item["name"])
    rows: list[dict] = []
    for item in data.get("datasets", ()):
        reader = READERS.get(item["reader"])
        if reader is None:
            raise ValueError(f"data set {item['name']}: reader must be one of {', '.join(READERS)}, not {item['reader']!r}")
        own = []
        for record in read_json_lines(path(item["path"])):
            for asked in reader(record):
                if asked.id in left_out or folded(asked.title or "") in left_out:
                    continue
                gold = [] if asked.evidence else pool.gold(asked)
                kind = item["name"]
                if asked.title and not gold and not asked.evidence:
                    gold = pool.by_title.get(asked.title, [])[:1]
                    kind += "-title" if gold else "-none"
                row = {"id": asked.id, "kind": kind, "text": asked.text, "answers": asked.answers, "gold": gold, "template": asked.template, "title": asked.title}
                own.append(row | ({"evidence": asked.evidence} if asked.evidence else {}))
        if "limit" in item and len(own) > item["limit"]:
            own = [r for r in own if r["gold"]] + rng.sample([r for r in own if not r["gold"]], max(0, item["limit"] - sum(1 for r in own if r["gold"])))
        rows += own
    made = data.get("made")
    for row in range(len(pool.passages) if made else 0):
        passage = pool.passages[row]
        for number in range(made["per_passage"]):
            task = rng.choices(list(made["tasks"]), list(made["tasks"].values()))[0]
            found = make(task, sentences(passage.text), passage.title, rng)
            if found:
                rows.append({"id": f"{passage.id}?{number}", "kind": "made", "text": found[0], "answers": [found[1]], "gold": [row], "template": "question", "title": passage.title})
    shares = {item["name"]: item.get("share", 1.0) for item in data["corpora"]}
    named = {row for r in rows for row in r["gold"]}
    kept = [i for i in range(len(pool.passages)) if i in named or rng.random() < shares[pool.corpus[i]]]
    out.mkdir(parents=True, exist_ok=True)
    if data.get("gate"):
        kept, rows = keep_for_gate(data["gate"], pool, kept, named, rows, out / "gate.jsonl", random.Random(seed))
    place = {old: new for new, old in enumerate(kept)}
    with (out / "passages.jsonl").open("w", encoding="utf-8") as file:
        for i in kept:
            p = pool.passages[i]
            file.write(json.dumps({"id": p.id, "title": p.title, "text": p.text, "corpus": pool.corpus[i]}, ensure_ascii=False) + "\n")
    with (out / "queries.jsonl").open("w", encoding="utf-8") as file, (out / "trained-on.jsonl").open("w", encoding="utf-8") as log:

        def trained_on(kind: str, identity: str, text: str, title: str | None) -> None:
            digest = hashlib.sha256(folded(text).encode()).hexdigest()
            log.write(json.dumps({"kind": kind, "id": identity, "sha256": digest, "title": title or None}, ensure_ascii=False) + "\n")

        for r in rows:
            r["gold"] = [place[i] for i in r["gold"]]
            file.write(json.dumps(r, ensure_ascii=False) + "\n")
            trained_on("question", r["id"], r["text"], r["title"])
            if "evidence" in r:
                trained_on("passage", f"evidence:{r['id']}", r["evidence"], r["title"])
        for i in kept:
            trained_on("passage", pool.passages[i].id, pool.passages[i].text, pool.passages[i].title)
    counts: dict[str, int] = defaultdict(int)
    for r in rows:
        counts[r["kind"]] += 1
    return dict(counts) | {"passages": len(kept)}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Collects a recipe's passages and questions; imprag-teach adds the teacher's vectors.")
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--root", action="append", default=[], metavar="NAME=DIR", help="what {NAME} in the recipe's paths stands for")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teacher", help="let it rank at once, as imprag-teach does: bm25, or the directory of a bi-encoder or an ImpRAG model")
    options = parser.parse_args()
    recipe = json.loads(options.recipe.read_text(encoding="utf-8"))
    roots = dict(item.split("=", 1) for item in options.root)
    for name, count in sorted(prepare(recipe["data"], roots, options.out, recipe["seed"]).items()):
        print(f"{count:>8,} {name}")
    if options.teacher:
        from .teach import teach

        teach(options.out, options.teacher, 160, "cpu")


if __name__ == "__main__":
    main()
