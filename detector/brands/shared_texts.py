"""Dialogs and pages that many sites share: requests for consent, maintenance, errors, checks for robots.

Two sites that show the same one have copied nothing from each other, so an official page is compared without it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detector.model import PageFacts

MOST_WORDS = 180
"""Words of a page in the place of another; a longer one is a page of its own, whatever it mentions."""
FEWEST_CHARACTERS = 12
"""Letters and digits of a page that is not empty."""
MOST_LINES = 3000
LONGEST_BUTTON = 40
"""Characters of a line up to which it may be the label of a button."""
GAP = 3
"""Lines between two lines of a dialog that belong to it as well."""
TYPED = frozenset({"", "text", "email", "tel", "password", "number", "textarea"})
"""Types of fields that a person types into."""


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A kind of page that stands in the place of another."""

    kind: str
    reason: str
    said: re.Pattern[str]


def page_fault(facts: PageFacts) -> str:
    """Say what stands in the place of the page, as in "an error page"; empty where it is the page itself.

    A page with a field to type into is always itself: a sign-in form may say that a session has expired.
    """
    if any(field.type in TYPED for field in facts.inputs):
        return ""
    rest = without_consent(facts.text)
    if len(rest.split()) <= MOST_WORDS:
        text = _fold(f"{facts.title}\n{rest}")
        if found := next((page.reason for page in _pages() if page.said.search(text)), ""):
            return found
    little = sum(sign.isalnum() for sign in rest) < FEWEST_CHARACTERS
    return "an empty page" if little and not facts.images else ""


def asks_for_consent(text: str) -> bool:
    """Tell whether a dialog that asks for consent (to cookies) is part of a page's text."""
    return any(consent_lines(text.splitlines()))


def without_consent(text: str) -> str:
    """Return a page's text without the lines of a dialog that asks for consent."""
    lines = text.splitlines()[:MOST_LINES]
    marked = consent_lines(lines)
    return "\n".join(line for line, asking in zip(lines, marked, strict=True) if not asking)


def consent_lines(lines: Sequence[str]) -> list[bool]:
    """Mark the lines of a dialog that asks for consent; none where the page only mentions cookies, as in a footer."""
    said_by, buttons_by = _consent()
    folded = [_fold(line) for line in lines[:MOST_LINES]]
    said = [bool(said_by.search(line)) for line in folded]
    buttons = [len(line) <= LONGEST_BUTTON and bool(buttons_by.fullmatch(line.strip(" .!→›»|"))) for line in folded]
    if not (sum(said) >= 2 or (any(said) and any(buttons))):
        return [False] * len(lines)
    near = [at for at, line in enumerate(said) if line]
    marked = [
        one or (button and min(abs(at - other) for other in near) <= 4 * GAP)
        for at, (one, button) in enumerate(zip(said, buttons, strict=True))
    ]
    last: int | None = None
    for at, one in enumerate(marked):
        if one:
            if last is not None and at - last <= GAP + 1:
                marked[last:at] = [True] * (at - last)
            last = at
    return marked + [False] * (len(lines) - len(marked))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()


def _pattern(phrases: Iterable[str]) -> str:
    return "|".join(
        ".{1,60}".join(map(re.escape, _fold(phrase).split("*"))).strip() for phrase in dict.fromkeys(phrases)
    )


@cache
def _data() -> dict[str, dict[str, list[str] | str]]:
    return tomllib.loads(files("detector").joinpath("data/shared-texts.toml").read_text(encoding="utf-8"))


@cache
def _consent() -> tuple[re.Pattern[str], re.Pattern[str]]:
    consent = _data()["consent"]
    # words that begin within another one ("cookies are" in "ourcookies are") are none; scripts without blanks have no such words
    return re.compile(rf"(?<![a-z])(?:{_pattern(consent['said'])})"), re.compile(_pattern(consent["buttons"]))


@cache
def _pages() -> tuple[SharedPage, ...]:
    return tuple(
        SharedPage(kind, str(entry["reason"]), re.compile(rf"(?<![a-z])(?:{_pattern(entry['said'])})"))
        for kind, entry in _data().items()
        if kind != "consent"
    )
