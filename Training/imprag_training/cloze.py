"""Questions made of any text: a salient span is masked and asked for.

Source: masked salient spans (Guu et al., REALM, ICML 2020), here by a pattern instead of an entity tagger.
"""

from __future__ import annotations

import random
import re

SPAN = re.compile(
    r"\b(?:\d[\d,.]*\d|\d)(?:th|st|nd|rd)?\b|"
    r"\b[A-Z][\w'’-]+(?:\s(?:(?:of|the|and|de|von|van|la)\s)?[A-Z][\w'’-]+)*"
)
BLANK = "_____"


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
