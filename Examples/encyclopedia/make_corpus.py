#!/usr/bin/env python3
"""Writes the encyclopedia: `passages.jsonl` and `questions.jsonl`, from Debian's iso-codes and the tables beside this file.

    apt-get install iso-codes
    python3 make_corpus.py [--iso-codes /usr/share/iso-codes/json] [--out .]

The same input gives the same bytes. Standard library only.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kinds import KINDS, fill, passage_text

HERE = Path(__file__).resolve().parent

SHORT_NAMES = {
    "KP": "North Korea", "KR": "South Korea", "CD": "the Democratic Republic of the Congo",
    "CG": "the Republic of the Congo", "VG": "the British Virgin Islands", "VI": "the United States Virgin Islands",
    "FM": "Micronesia", "SH": "Saint Helena", "LA": "Laos", "RU": "Russia", "SY": "Syria", "BN": "Brunei",
    "FK": "the Falkland Islands", "PS": "Palestine", "IR": "Iran", "VA": "Vatican City", "BQ": "the Caribbean Netherlands",
    "TR": "Turkey", "MF": "Saint Martin", "SX": "Sint Maarten",
}
TAKES_ARTICLE = {
    "AE", "BS", "CC", "CF", "CK", "DO", "FO", "GB", "GM", "IM", "IO", "KM", "KY", "MH", "MP", "MV", "NL", "PH", "SB", "TC",
    "TF", "UM", "US",
}
STATUS = {"L": "living", "E": "extinct", "A": "ancient", "H": "historical", "C": "constructed", "S": "special"}

# How many questions each kind gets at most, and per kind which share of them gives a field and asks for the name.
QUESTIONS = {
    "subdivision": 480, "language": 420, "country": 160, "currency": 70, "script": 60, "family": 50, "element": 110,
    "planet": 7, "moon": 20, "river": 55, "mountain": 50, "book": 60, "painting": 25, "city": 80,
}
REVERSE_SHARE = 0.15


@dataclass
class Entity:
    """One entity: its kind (a key of `KINDS`), its name, its facts by field, and what sets it apart from a namesake."""

    id: str
    kind: str
    name: str
    facts: dict[str, str]
    apart: str


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of `tables/NAME.tsv`."""
    with open(HERE / "tables" / f"{name}.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_iso(folder: Path, standard: str) -> list[dict[str, str]]:
    """The entries of one iso-codes file."""
    return json.loads((folder / f"iso_{standard}.json").read_text(encoding="utf-8"))[standard]


def country_names(countries: list[dict[str, str]]) -> dict[str, str]:
    """Per two-letter code the country's short name, as it stands within a sentence."""
    names = {}
    for country in countries:
        code = country["alpha_2"]
        name = SHORT_NAMES.get(code) or country.get("common_name") or country["name"].split(",")[0]
        names[code] = f"the {name}" if code in TAKES_ARTICLE else name
    return names


def entities(iso: Path) -> list[Entity]:
    """Every entity, in a fixed order."""
    found: list[Entity] = []

    def add(kind: str, key: str, name: str, facts: dict[str, str | None], apart: str | None = None) -> None:
        known = {field: value for field, value in facts.items() if value}
        found.append(Entity(f"{kind}-{key}", kind, name, known, apart or KINDS[kind].label))

    countries = read_iso(iso, "3166-1")
    names = country_names(countries)
    capitals = {row["country"]: row for row in read_table("capitals")}
    for row in countries:
        code = row["alpha_2"]
        place = capitals.get(code, {})
        add("country", code.lower(), names[code].removeprefix("the "), {
            "continent": place.get("continent"), "capital": place.get("capital"), "alpha2": code,
            "alpha3": row["alpha_3"], "number": row["numeric"]})
    for code, place in capitals.items():
        add("city", code.lower(), place["capital"], {"country": names[code], "continent": place["continent"]})

    state_capitals = {f"US-{row['letters']}": row["capital"] for row in read_table("states")}
    subdivisions = read_iso(iso, "3166-2")
    names_by_code = {row["code"]: row["name"] for row in subdivisions}
    for row in subdivisions:
        country = row["code"].split("-")[0]
        parent = row.get("parent")
        parent = parent if parent is None or "-" in parent else f"{country}-{parent}"
        add("subdivision", row["code"].lower(), row["name"], {
            "type": row["type"].lower(), "country": names[country], "code": row["code"],
            "parent": names_by_code.get(parent), "capital": state_capitals.get(row["code"])},
            apart=names[country].removeprefix("the "))

    for row in read_iso(iso, "639-3"):
        add("language", row["alpha_3"], row.get("common_name") or row["name"], {
            "status": STATUS[row["type"]], "code": row["alpha_3"], "short": row.get("alpha_2")})
    for row in read_iso(iso, "639-5"):
        add("family", row["alpha_3"], row["name"], {"code": row["alpha_3"]})
    for row in read_iso(iso, "15924"):
        add("script", row["alpha_4"].lower(), row["name"].split(",")[0], {"code": row["alpha_4"], "number": row["numeric"]})
    for row in read_iso(iso, "4217"):
        add("currency", row["alpha_3"].lower(), row["name"], {"code": row["alpha_3"], "number": row["numeric"]})

    for kind, table in (("element", "elements"), ("planet", "planets"), ("moon", "moons"), ("river", "rivers"),
                        ("mountain", "mountains"), ("book", "books"), ("painting", "paintings")):
        for number, row in enumerate(read_table(table), 1):
            facts = {field: value for field, value in row.items() if field != "name"}
            if len(facts.get("country", "")) == 2:
                facts["country"] = names[facts["country"]]
            add(kind, str(number), row["name"], facts)
    return found


def stable_choice(key: str):
    """A function that picks from alternatives, always the same for the same key."""
    generator = random.Random(hashlib.sha256(key.encode()).digest())
    return generator.choice


def titles(found: list[Entity]) -> list[str]:
    """One title per entity: its name; where several share that, with what sets it apart, then with its type, then its code."""
    chosen = [entity.name for entity in found]
    for further in (
        lambda e: f"{e.name} ({e.apart})",
        lambda e: f"{e.name} ({e.facts.get('type', KINDS[e.kind].label)}, {e.apart})",
        lambda e: f"{e.name} ({e.facts.get('code', e.id)})",
    ):
        count = Counter(title.casefold() for title in chosen)
        chosen = [t if count[t.casefold()] == 1 else further(e) for t, e in zip(chosen, found)]
    return chosen


def passages(found: list[Entity]) -> list[dict[str, str]]:
    """One passage per entity."""
    rows = []
    for entity, title in zip(found, titles(found)):
        text = passage_text(KINDS[entity.kind], entity.facts | {"name": entity.name}, stable_choice(entity.id))
        rows.append({"id": entity.id, "title": title, "text": text})
    return rows


def questions(found: list[Entity], seed: int) -> list[dict]:
    """Questions with one right answer: the name occurs once in the corpus, or the field's value once in its kind."""
    generator = random.Random(seed)
    shared = Counter(entity.name.casefold() for entity in found)
    values = Counter((e.kind, field, value) for e in found for field, value in e.facts.items())
    rows = []
    for kind_name, limit in QUESTIONS.items():
        kind = KINDS[kind_name]
        forward, backward = [], []
        for entity in found:
            plain = len(entity.name) <= 32 and not any(mark in entity.name for mark in "();/[]")
            if entity.kind != kind_name or not plain or shared[entity.name.casefold()] > 1:
                continue
            facts = entity.facts | {"name": entity.name}
            stated = passage_text(kind, facts, stable_choice(entity.id))
            for field, value in entity.facts.items():
                if value not in stated:
                    continue
                if field in kind.questions and not (field == "status" and generator.random() > 0.1):
                    forward.append((entity, field, fill(generator.choice(kind.questions[field]), facts), value))
                if field in kind.reverse and values[kind_name, field, value] == 1:
                    backward.append((entity, field, fill(generator.choice(kind.reverse[field]), facts), entity.name))
        generator.shuffle(forward)
        generator.shuffle(backward)
        turned = min(len(backward), round(limit * REVERSE_SHARE))
        chosen = [(f"{field}-of", *rest) for rest in forward[: limit - turned] for field in [rest[1]]]
        chosen += [(f"by-{field}", *rest) for rest in backward[:turned] for field in [rest[1]]]
        for relation, entity, _, question, answer in chosen:
            answers = [answer]
            if answer.startswith("the "):
                answers.append(answer[4:])
            rows.append({"id": f"q{len(rows) + 1:04d}", "question": question, "answers": answers,
                         "kind": kind_name, "relation": relation, "passage": entity.id})
    return rows


def write_lines(path: Path, rows: list[dict]) -> None:
    """JSON Lines, UTF-8; gzip without a time stamp where the name ends in `.gz`."""
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
    print(f"{path.name}: {len(rows):,} lines, {path.stat().st_size:,} bytes")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iso-codes", type=Path, default=Path("/usr/share/iso-codes/json"))
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--seed", type=int, default=2506)
    options = parser.parse_args()
    found = entities(options.iso_codes)
    write_lines(options.out / "passages.jsonl", passages(found))
    write_lines(options.out / "questions.jsonl", questions(found, options.seed))


if __name__ == "__main__":
    main()
