"""Corpora in every format that `imprag index` reads: JSON lines, DPR's TSV, KILT, and folders of text and Markdown."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORD = re.compile(r"\S+")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")


@dataclass(frozen=True)
class Passage:
    """One passage; `title` is empty where there is none."""

    id: str
    title: str
    text: str


def open_text(path: Path) -> io.TextIOBase:
    """A file's UTF-8 text, plain or gzip (told from its first bytes); lines end at LF only."""
    with path.open("rb") as file:
        magic = file.read(2)
    if magic == b"\x1f\x8b":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def read_json_lines(path: Path) -> Iterator[dict]:
    """The objects of a JSON lines file; a bad line is an error with file and line."""
    with open_text(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}:{number}: not JSON: {error}") from None


def read_corpus(path: Path, words: int = 100) -> Iterator[Passage]:
    """The passages of a file or folder, documents cut at `words` words on word borders as `imprag index` does."""
    documents = read_folder(path) if path.is_dir() else read_file(path)
    for document in documents:
        yield from split(document, words)


def split(document: Passage, words: int) -> Iterator[Passage]:
    """Pieces `id#0`, `id#1`, … of at most `words` words; a document that is not cut keeps its id."""
    spans = [m.span() for m in WORD.finditer(document.text)]
    if len(spans) <= words:
        yield document
        return
    for number, start in enumerate(range(0, len(spans), words)):
        end = spans[min(start + words, len(spans)) - 1][1]
        yield Passage(f"{document.id}#{number}", document.title, document.text[spans[start][0] : end])


def read_file(path: Path) -> Iterator[Passage]:
    """The documents of one file, its format told from the first line."""
    with open_text(path) as file:
        first = file.readline()
    if first.startswith("id\ttext\ttitle"):
        with open_text(path) as file:
            for row in csv.DictReader(file, delimiter="\t"):
                yield Passage(row["id"], row["title"], row["text"])
        return
    for record in read_json_lines(path):
        if "wikipedia_id" in record:
            yield Passage(str(record["wikipedia_id"]), record["wikipedia_title"], "".join(record["text"][1:]))
        else:
            title, section = record.get("title") or "", record.get("section")
            yield Passage(str(record["id"]), f"{title}: {section}" if section else title, record["text"])


def read_folder(folder: Path) -> Iterator[Passage]:
    """`.txt` files whole, `.md` files cut at their `#` headings, whose titles are the file's and the headings above.

    Simpler than `imprag index`, which also knows front matter, underlined headings and what only looks like one: close enough to learn from.
    """
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".txt", ".md") and p.is_file()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".txt":
            yield Passage(name, path.stem, text)
            continue
        sections: list[tuple[list[str], list[str]]] = [([], [])]
        title, is_code = None, False
        for line in text.split("\n"):
            is_code ^= line.lstrip().startswith(("```", "~~~"))
            heading = None if is_code else HEADING.match(line)
            if not heading:
                sections[-1][1].append(line)
            elif title is None and len(heading[1]) == 1:
                title = heading[2]
            else:
                sections.append((sections[-1][0][: len(heading[1]) - 2 if title else len(heading[1]) - 1] + [heading[2]], []))
        for number, (headings, lines) in enumerate(sections):
            body = "\n".join(lines).strip()
            if body:
                yield Passage(f"{name}@{number}", ": ".join([title or path.stem, *headings]), body)
