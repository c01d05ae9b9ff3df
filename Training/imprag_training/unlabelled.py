"""Questions made of any text, for corpora that nobody has asked anything about.

Sources: masked salient spans (Guu et al., REALM, ICML 2020), here by a pattern instead of an entity tagger; next and previous
sentences as in the paper's mixture.
"""

from __future__ import annotations

import random
import re

SPAN = re.compile(
    r"\b(?:\d[\d,.]*\d|\d)(?:th|st|nd|rd)?\b|"
    r"\b[A-Z][\w'’-]+(?:\s(?:(?:of|the|and|de|von|van|la)\s)?[A-Z][\w'’-]+)*"
)
BLANK = "_____"


def sentences(text: str) -> list[str]:
    """The sentences of a text, roughly; very short ones are left out."""
    return [s for s in re.split(r"(?<=[.!?])\s+", text) if len(s) > 20]


def neighbour(found: list[str], after: bool, rng: random.Random) -> tuple[str, str] | None:
    """A sentence, asked for by the one before or after it; None where there are not two."""
    if len(found) < 2:
        return None
    place = rng.randrange(len(found) - 1)
    given, asked = (place, place + 1) if after else (place + 1, place)
    return f"Which sentence comes {'after' if after else 'before'} this one? {found[given]}", found[asked]


def make(task: str, found: list[str], title: str | None, rng: random.Random) -> tuple[str, str] | None:
    """A question of task `cloze`, `next` or `previous` about a passage's sentences `found`, and its answer; None where there is none."""
    if task == "cloze":
        return cloze(rng.choice(found), title, rng) if found else None
    if task in ("next", "previous"):
        return neighbour(found, task == "next", rng)
    raise ValueError(f"made questions must be cloze, next or previous, not {task!r}")


def cloze(sentence: str, title: str | None, rng: random.Random) -> tuple[str, str] | None:
    """The sentence with a span masked, and the span; None where there is nothing to ask for.

    Spans are numbers and runs of capitalised words, neither first in the sentence nor part of the title, which stands in the
    passage anyway and would be no question.
    """
    name = (title or "").casefold()
    spans = [m for m in SPAN.finditer(sentence) if m.start() > 0 and len(m[0]) > 1 and m[0].casefold() not in name]
    spans = [m for m in spans if sentence.count(m[0]) == 1 and len(m[0]) <= 50]
    if not spans:
        return None
    chosen = rng.choice(spans)
    return sentence[: chosen.start()] + BLANK + sentence[chosen.end() :], chosen[0]
