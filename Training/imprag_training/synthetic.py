"""Facts to train on: the encyclopedia's kinds, with invented or borrowed names and re-assigned values.

No training passage states a true fact on purpose: names are invented, or borrowed from entities that no held-out question
is about, and every value is drawn anew. What remains to be learnt is to find and to read.
"""

from __future__ import annotations

import importlib.util
import json
import random
import string
import sys
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType


def load_module(path: Path) -> ModuleType:
    """Imports one Python file by its path, once."""
    name = f"encyclopedia_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        sys.path.insert(0, str(path.parent))
        spec.loader.exec_module(module)
        sys.path.pop(0)
    return sys.modules[name]


@dataclass(frozen=True)
class Question:
    """A question, its answer, and where in its group the passage stands that answers it."""

    text: str
    answer: str
    passage: int


@dataclass(frozen=True)
class Group:
    """Passages as (title, text), and questions about them."""

    passages: list[tuple[str, str]]
    questions: list[Question]


class NameMaker:
    """Invents names: a Markov chain over characters, three back, learnt from real names."""

    ORDER = 3

    def __init__(self, names: list[str], forbidden: set[str]) -> None:
        self.next: dict[str, list[str]] = defaultdict(list)
        self.forbidden = forbidden
        for name in names:
            padded = "^" * self.ORDER + name + "$"
            for i in range(len(name) + 1):
                self.next[padded[i : i + self.ORDER]].append(padded[i + self.ORDER])

    def make(self, generator: random.Random) -> str:
        """A name of 3 to 28 characters that is nobody's."""
        while True:
            made = "^" * self.ORDER
            while made[-1] != "$" and len(made) < 40:
                made += generator.choice(self.next[made[-self.ORDER :]])
            name = made[self.ORDER : -1]
            if made[-1] == "$" and 3 <= len(name) <= 28 and name.casefold() not in self.forbidden:
                return name


def same_shape(code: str, generator: random.Random) -> str:
    """Random letters for letters, digits for digits; other characters stay."""
    out = []
    for character in code:
        if character in string.digits:
            out.append(generator.choice(string.digits))
        elif character in string.ascii_uppercase:
            out.append(generator.choice(string.ascii_uppercase))
        elif character in string.ascii_lowercase:
            out.append(generator.choice(string.ascii_lowercase))
        else:
            out.append(character)
    return "".join(out)


class World:
    """Draws groups of invented entities with passages and questions."""

    def __init__(self, encyclopedia: Path, iso_codes: Path, seed: int) -> None:
        corpus = load_module(encyclopedia / "make_corpus.py")
        self.kinds_module = sys.modules["kinds"]
        self.kinds = self.kinds_module.KINDS
        self.random = random.Random(seed)
        entities = corpus.entities(iso_codes)
        asked = set()
        with open(encyclopedia / "questions.jsonl", encoding="utf-8") as file:
            for line in file:
                asked.add(json.loads(line)["passage"])
        all_names = {entity.name.casefold() for entity in entities}
        held_out = {entity.name.casefold() for entity in entities if entity.id in asked}
        free = [entity for entity in entities if entity.name.casefold() not in held_out]
        self.borrowed: dict[str, list[str]] = defaultdict(list)
        self.pools: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.patterns: dict[str, list[frozenset[str]]] = defaultdict(list)
        for entity in free:
            self.borrowed[entity.kind].append(entity.name)
        for entity in entities:
            self.patterns[entity.kind].append(frozenset(entity.facts))
            for field, value in entity.facts.items():
                self.pools[entity.kind, field].append(value)
        # Frequent values (a third of all subdivisions are provinces) would be guessed; rare ones drawn as often must be read.
        self.distinct = {key: sorted(set(values)) for key, values in self.pools.items()}
        # The latest names of each kind: some new ones resemble these, so that a batch has near misses as the corpus does.
        self.recent: dict[str, deque[str]] = {kind: deque(maxlen=24) for kind in self.kinds}
        self.words = sorted({w for (k, f), v in self.pools.items() if self.kinds[k].fields[f] != "code" for x in v
                             for w in x.split(" ") if len(w) > 3 and w[0].isupper()})
        self.real = all_names
        self.real_of_kind = {kind: {e.name.casefold() for e in entities if e.kind == kind} for kind in self.kinds}
        self.countries = [name.removeprefix("the ") for name in self.distinct["subdivision", "country"]]
        self.named_values = [v for (k, f), values in self.distinct.items() if self.kinds[k].fields[f] == "name" for v in values]
        self.makers = {}
        for kind in self.kinds:
            own = self.borrowed[kind]
            names = own if len(own) > 300 else own * 10 + [entity.name for entity in free]
            self.makers[kind] = NameMaker(names, all_names)
        self.kind_names = list(self.kinds)
        self.kind_weights = [6.0 if k in ("subdivision", "language") else 5.0 if k == "country" else 1.0 for k in self.kinds]

    def name(self, kind: str) -> str:
        """A name for an entity: invented, or sometimes one that no held-out question is about.

        Sometimes it is a value (a country, an author) that becomes the name of something of another kind: values stand in so many
        passages that a model which never met them as names does not look for them.
        """
        if self.random.random() < 0.2:
            value = self.random.choice(self.countries if self.random.random() < 0.6 else self.named_values)
            if value.casefold() not in self.real_of_kind[kind]:
                return value
        if self.borrowed[kind] and self.random.random() < (0.6 if kind == "country" else 0.35):
            return self.random.choice(self.borrowed[kind])
        return self.makers[kind].make(self.random)

    def namesake(self, name: str, kind: str) -> str:
        """A different name that shares a word or a beginning with `name`."""
        other = self.random.choice(self.recent[kind]) if self.random.random() < 0.3 else self.name(kind)
        words, others = name.split(" "), other.split(" ")
        if len(words) > 1:
            keep = self.random.randrange(len(words))
            words[keep if self.random.random() < 0.5 else -1] = others[0]
            return " ".join(words)
        if self.random.random() < 0.5:
            return f"{name} {others[0]}" if self.random.random() < 0.5 else f"{others[0]} {name}"
        cut = self.random.randint(len(name) // 3, len(name) * 2 // 3)
        return (name[: max(2, cut)] + other[len(other) // 2 :])[:32]

    def compound(self, name: str) -> str:
        """Two words, one of them from a value (`Slovakia Norte`), so that every common token learns to be part of a name."""
        word, other = self.random.choice(self.words), name.split(" ")[0]
        made = f"{word} {other}" if self.random.random() < 0.5 else f"{other} {word}"
        return name if made.casefold() in self.real else made

    def value(self, kind: str, field: str, how: str) -> str:
        """A value for a field, re-assigned as the kind says."""
        pool = self.pools[kind, field]
        if how == "code":
            code = self.random.choice(pool)
            return code if self.random.random() < 0.3 else same_shape(code, self.random)
        if how == "name" and self.random.random() < 0.5:
            return self.makers["subdivision" if self.random.random() < 0.5 else kind].make(self.random)
        return self.random.choice(pool if self.random.random() < 0.3 else self.distinct[kind, field])

    def facts(self, kind: str, name: str) -> dict[str, str]:
        """Re-assigned facts for one entity; which fields it has is borrowed from a real one."""
        fields = self.random.choice(self.patterns[kind])
        known = {f: self.value(kind, f, how) for f, how in self.kinds[kind].fields.items() if f in fields}
        return known | {"name": name}

    def group(self, size: int, question_count: int, similar: float) -> Group:
        """`size` passages, mostly of one kind with chance `similar`, and questions about them."""
        first = self.random.choices(self.kind_names, self.kind_weights)[0]
        alike = self.random.random() < similar
        # A country and places within it: its name stands in all their passages, and only one of them is about it.
        within = size > 1 and self.random.random() < 0.12
        first = "country" if within else first
        passages, candidates, names = [], [], []
        for index in range(size):
            kind = first if alike or index == 0 else self.random.choices(self.kind_names, self.kind_weights)[0]
            if within and index:
                kind = self.random.choice(("subdivision", "subdivision", "city", "mountain", "country"))
            name = self.name(kind)
            near = self.recent[kind]
            if not within and near and self.random.random() < 0.4:
                name = self.namesake(self.random.choice(near), kind)
            elif self.random.random() < 0.2:
                name = self.compound(name)
            if name in names:
                name = self.makers[kind].make(self.random)
            names.append(name)
            near.append(name)
            facts = self.facts(kind, name)
            if within and index and "country" in facts:
                facts["country"] = names[0]
            text = self.kinds_module.passage_text(self.kinds[kind], facts, self.random.choice)
            title = name
            if self.random.random() < 0.1:
                title = f"{name} ({facts.get('country', self.kinds[kind].label)})"
            passages.append((title, text))
            candidates += self._questions(kind, facts, text, index)
        self.random.shuffle(candidates)
        while len(candidates) < question_count:
            candidates += candidates
        return Group(passages, candidates[:question_count])

    def _questions(self, kind_name: str, facts: dict[str, str], text: str, index: int) -> list[Question]:
        """One question for each field that the passage states, and the reverse ones."""
        kind, fill = self.kinds[kind_name], self.kinds_module.fill
        found = []
        for field, value in facts.items():
            if field in kind.questions and value in text:
                found.append(Question(fill(self.random.choice(kind.questions[field]), facts), value, index))
            # Finding a name by its code is learnt last and slowest; more of it would drown the rest of J_ret.
            if field in kind.reverse and (kind.fields[field] != "code" or self.random.random() < 0.1):
                found.append(Question(fill(self.random.choice(kind.reverse[field]), facts), facts["name"], index))
        return found
