"""The kinds of thing the encyclopedia knows: how a passage states their facts and how a question asks for them.

`make_corpus.py` fills these templates with true facts; `Training/` fills the same templates with re-assigned ones.
Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One kind of entity.

    - `sentences`: per sentence of a passage its alternative wordings; a sentence whose fields are missing is left out.
    - `fields`: every field, and how training re-assigns it: `pool` (another entity's value), `code` (random characters of
      the same shape) or `name` (another entity's value, or an invented name).
    - `questions`: per field the wordings that give the name and ask for the field.
    - `reverse`: per field the wordings that give the field and ask for the name.
    """

    label: str
    sentences: tuple[tuple[str, ...], ...]
    fields: dict[str, str]
    questions: dict[str, tuple[str, ...]]
    reverse: dict[str, tuple[str, ...]] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "subdivision": Kind(
        label="subdivision",
        sentences=(
            ("The {type} {name} is in {country}.", "The {type} of {name} lies in {country}."),
            ("It belongs to {parent}.", "{name} is part of {parent}."),
            ("Its capital is {capital}.", "The capital of {name} is {capital}."),
            ("Its ISO code is {code}.", "The ISO code of {name} is {code}."),
        ),
        fields={"type": "pool", "country": "pool", "parent": "name", "capital": "name", "code": "code"},
        questions={
            "country": ("Which country is {name} in?", "In which country does {name} lie?", "What country does {name} belong to?"),
            "type": ("What type of subdivision is {name}?", "What kind of subdivision is {name}?"),
            "code": ("What is the ISO code of {name}?", "Which ISO code does {name} have?"),
            "capital": ("What is the capital of {name}?", "Which city is the capital of {name}?"),
        },
        reverse={"code": ("Which subdivision has the ISO code {code}?", "Whose ISO code is {code}?")},
    ),
    "language": Kind(
        label="language",
        sentences=(
            ("{name} is {a_status} language.", "The language {name} is {status}."),
            ("The code of {name} is {code}.", "The language code of {name} is {code}."),
            ("Its short code is {short}.",),
        ),
        fields={"status": "pool", "code": "code", "short": "code"},
        questions={
            "code": ("What is the language code of {name}?", "Which code does the language {name} have?"),
            "short": ("What is the short code of the language {name}?",),
            "status": ("Is the language {name} living or extinct?", "What is the status of the language {name}?"),
        },
        reverse={"code": ("Which language has the code {code}?", "What language does the code {code} stand for?")},
    ),
    "family": Kind(
        label="language family",
        sentences=(
            ("The {name} form a group of languages.", "The {name} are a language family."),
            ("The group has the code {code}.", "The code of the {name} is {code}."),
        ),
        fields={"code": "code"},
        questions={"code": ("What is the code of the {name}?", "Which code do the {name} have?")},
        reverse={"code": ("Which language family has the code {code}?",)},
    ),
    "country": Kind(
        label="country",
        sentences=(
            ("The country {name} is in {continent}.", "In {continent} lies the country {name}."),
            ("The capital of {name} is {capital}.", "Its capital is {capital}."),
            ("The country codes of {name} are {alpha2} and {alpha3}.",),
            ("Its number is {number}.", "The number of {name} is {number}."),
        ),
        fields={"continent": "pool", "capital": "name", "alpha2": "code", "alpha3": "code", "number": "code"},
        questions={
            "capital": ("What is the capital of {name}?", "Which city is the capital of {name}?"),
            "continent": ("Which continent is {name} in?", "On which continent is {name}?"),
            "alpha2": ("What is the two-letter code of {name}?",),
            "alpha3": ("What is the three-letter code of {name}?",),
            "number": ("What is the country number of {name}?",),
        },
        reverse={
            "capital": ("Which country has the capital {capital}?", "Of which country is {capital} the capital?"),
            "alpha3": ("Which country has the code {alpha3}?",),
        },
    ),
    "currency": Kind(
        label="currency",
        sentences=(
            ("The currency {name} has the code {code}.", "The code of the currency {name} is {code}."),
            ("Its number is {number}.", "The number of {name} is {number}."),
        ),
        fields={"code": "code", "number": "code"},
        questions={
            "code": ("What is the currency code of {name}?", "Which code does the currency {name} have?"),
            "number": ("What is the currency number of {name}?",),
        },
        reverse={"code": ("Which currency has the code {code}?",)},
    ),
    "script": Kind(
        label="script",
        sentences=(
            ("The script {name} has the code {code}.", "The code of the script {name} is {code}."),
            ("Its number is {number}.", "The number of {name} is {number}."),
        ),
        fields={"code": "code", "number": "code"},
        questions={
            "code": ("What is the code of the script {name}?", "Which code does the script {name} have?"),
            "number": ("What is the number of the script {name}?",),
        },
        reverse={"code": ("Which script has the code {code}?",)},
    ),
    "element": Kind(
        label="element",
        sentences=(
            ("{name} is a chemical element.", "The chemical element {name} is in period {period}."),
            ("The symbol of {name} is {symbol}.",),
            ("Its atomic number is {number}.", "The atomic number of {name} is {number}."),
        ),
        fields={"symbol": "code", "number": "code", "period": "pool"},
        questions={
            "symbol": ("What is the symbol of {name}?", "Which symbol does the element {name} have?"),
            "number": ("What is the atomic number of {name}?", "Which atomic number does {name} have?"),
        },
        reverse={
            "symbol": ("Which element has the symbol {symbol}?",),
            "number": ("Which element has the atomic number {number}?",),
        },
    ),
    "planet": Kind(
        label="planet",
        sentences=(
            ("The planet {name} is the {position} from the Sun.",),
            ("{name} is {a_class}.", "It is {a_class}."),
            ("The next planet is {neighbour}.",),
        ),
        fields={"position": "pool", "class": "pool", "neighbour": "name"},
        questions={
            "position": ("Which planet from the Sun is {name}?",),
            "class": ("What kind of planet is {name}?",),
            "neighbour": ("Which planet comes after {name}?",),
        },
        reverse={"position": ("What is the {position} planet from the Sun?",)},
    ),
    "moon": Kind(
        label="moon",
        sentences=(
            ("The moon {name} orbits {planet}.",),
            ("{discoverer} discovered {name} in {year}.", "It was discovered by {discoverer} in {year}."),
        ),
        fields={"planet": "pool", "discoverer": "name", "year": "code"},
        questions={
            "planet": ("Which planet does the moon {name} orbit?", "Of which planet is {name} a moon?"),
            "discoverer": ("Who discovered the moon {name}?", "Who discovered {name}?"),
            "year": ("In which year was the moon {name} discovered?",),
        },
    ),
    "river": Kind(
        label="river",
        sentences=(
            ("The river {name} is in {continent}.", "In {continent} is the river {name}."),
            ("It flows into the {mouth}.", "{name} flows into the {mouth}."),
        ),
        fields={"continent": "pool", "mouth": "pool"},
        questions={
            "mouth": ("Which sea does the river {name} flow into?", "Into which waters does the {name} flow?"),
            "continent": ("Which continent is the river {name} in?", "On which continent is the river {name}?"),
        },
    ),
    "mountain": Kind(
        label="mountain",
        sentences=(
            ("The mountain {name} is in {country}.", "In {country} stands the mountain {name}."),
            ("It belongs to the {range}.", "{name} is part of the {range}."),
        ),
        fields={"country": "pool", "range": "pool"},
        questions={
            "country": ("Which country is the mountain {name} in?", "In which country is {name}?"),
            "range": ("Which mountain range does {name} belong to?", "What range is {name} part of?"),
        },
    ),
    "book": Kind(
        label="book",
        sentences=(
            ("The author of the {type} {name} is {author}.", "The {type} {name} is by {author}.", "{author} wrote the {type} {name}."),
        ),
        fields={"author": "name", "type": "pool"},
        questions={
            "author": ("Who wrote {name}?", "Who is the author of {name}?"),
            "type": ("What kind of work is {name}?",),
        },
    ),
    "painting": Kind(
        label="painting",
        sentences=(
            ("The painter of {name} is {painter}.", "The painting {name} is by {painter}.", "{painter} painted {name}."),
            ("The painter came from {country}.", "{painter} came from {country}."),
        ),
        fields={"painter": "name", "country": "pool"},
        questions={
            "painter": ("Who painted {name}?", "Who is the painter of {name}?"),
            "country": ("Which country did the painter of {name} come from?",),
        },
    ),
    "city": Kind(
        label="city",
        sentences=(
            ("The city {name} is the capital of {country}.", "The capital of {country} is {name}."),
            ("It is in {continent}.", "{name} is a city in {continent}."),
        ),
        fields={"country": "pool", "continent": "pool"},
        questions={
            "country": ("Which country has {name} as its capital?", "{name} is the capital of which country?"),
            "continent": ("Which continent is the city {name} in?",),
        },
    ),
}


def with_article(noun: str) -> str:
    """`province` → `a province`, `autonomous region` → `an autonomous region`."""
    exception = noun.lower().startswith(("uni", "eur", "one"))
    return ("an " if noun[:1].lower() in "aeiou" and not exception else "a ") + noun


def fill(template: str, facts: dict[str, str]) -> str | None:
    """The template with its fields filled in, or None where a fact is missing. `{a_x}` is `{x}` with its article."""
    articles = {f"a_{key}": with_article(value) for key, value in facts.items()}
    try:
        sentence = template.format(**facts, **articles)
    except KeyError:
        return None
    return sentence[:1].upper() + sentence[1:]


def passage_text(kind: Kind, facts: dict[str, str], choose) -> str:
    """A passage's text: one wording per sentence, picked by `choose(alternatives)` among those that can be filled."""
    sentences = []
    for alternatives in kind.sentences:
        filled = [s for s in (fill(t, facts) for t in alternatives) if s is not None]
        if filled:
            sentences.append(choose(filled))
    return " ".join(sentences)
