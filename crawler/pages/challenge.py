"""Recognise challenges that ask whether the visitor is human (CAPTCHA), and their site keys; they are never solved.

A service is recognised by the addresses of its scripts, frames and requests, and by the elements that carry its key; a
home-made challenge by its words.  The patterns are data: ``crawler/data/challenges.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.pages.phrases import PhrasePattern
from crawler.pages.text import clean
from detector.model import Challenge, ChallengeMark, InputField, NetworkEntry, PageFacts

CUSTOM = "custom"
MAX_CHALLENGE_TEXT = 900
"""Characters of visible text that a challenge may have; more than that is a page."""
MAX_CHALLENGE_LINKS = 25
MIN_WIDGET = (60.0, 30.0)
"""Width and height in pixels from which a service's element counts as shown."""
MAX_URL, MAX_URLS = 3000, 3000
_TYPED = frozenset({"", "text", "email", "tel", "password", "number", "url", "date", "textarea", "select-one"})
_ANSWER = re.compile(r"captcha|turnstile|challenge|human", re.IGNORECASE)
"""Names of a field for the answer to the challenge."""
_CODE = re.compile(
    r"\bcode\b|image|picture|characters|letters|digits|answer|zeichen|código|codice|コード", re.IGNORECASE
)
"""The same, on a page whose words leave no doubt that it is a challenge: elsewhere they name one-time codes."""


@dataclass(frozen=True, slots=True)
class ChallengeVendor:
    """One challenge service, and the patterns that show it on a page."""

    name: str
    address: PhrasePattern | None
    wall: PhrasePattern | None
    marks: tuple[str, ...]
    keys: tuple[re.Pattern[str], ...]
    hidden: bool
    silent: bool


@dataclass(frozen=True, slots=True)
class BlockingFacts:
    """The facts of a page that decide whether a challenge blocks it."""

    asks: bool
    """A field is visible that does not belong to the challenge."""
    small: bool
    certain: bool
    likely: bool


def recognise_challenge(facts: PageFacts, network: Sequence[NetworkEntry]) -> Challenge | None:
    """Return the challenge of a page, or None where there is none.

    A service's widget beside a visible form does not block; one in place of the page does.
    """
    vendors, certain, likely = _knowledge()
    words = _fold(f"{facts.title}\n{facts.text[: MAX_CHALLENGE_TEXT * 2]}")
    page = BlockingFacts(
        asks=any(_is_asking(field, sure=certain.search(words) is not None) for field in facts.inputs),
        small=len(facts.text.strip()) <= MAX_CHALLENGE_TEXT and len(facts.links) <= MAX_CHALLENGE_LINKS,
        certain=certain.search(words) is not None,
        likely=likely.search(words) is not None,
    )
    urls = list(dict.fromkeys(url[:MAX_URL] for url in (*facts.resources, *(entry.url for entry in network))))[
        :MAX_URLS
    ]
    found = [challenge for vendor in vendors if (challenge := _by_vendor(vendor, page, urls, facts.challenge_marks))]
    if found:
        # prefer a blocking challenge to a widget, and a widget with a site key to one without
        return max(found, key=lambda challenge: (challenge.blocking, bool(challenge.site_key)))
    if page.certain and page.small:
        return Challenge(CUSTOM, _any_key(facts.challenge_marks), blocking=not page.asks)
    return None


def _by_vendor(
    vendor: ChallengeVendor, page: BlockingFacts, urls: Sequence[str], marks: Sequence[ChallengeMark]
) -> Challenge | None:
    walls = [url for url in urls if vendor.wall and vendor.wall.search(url)]
    brought = [url for url in urls if vendor.address and vendor.address.search(url)]
    mine = [mark for mark in marks if any(word in mark.name for word in vendor.marks)]
    if not (walls or brought or mine):
        return None
    shown = any(mark.box.width >= MIN_WIDGET[0] and mark.box.height >= MIN_WIDGET[1] for mark in mine)
    if vendor.silent and not (walls or mine or page.certain or page.likely):
        return None
    stands = bool(walls) or page.certain or (not vendor.hidden and (shown or page.likely))
    return Challenge(
        vendor.name, _key(vendor, [*walls, *brought], mine), blocking=stands and page.small and not page.asks
    )


def _key(vendor: ChallengeVendor, urls: Iterable[str], marks: Sequence[ChallengeMark]) -> str:
    for url in urls:
        for pattern in vendor.keys:
            found = pattern.search(url)
            if found is not None:
                return clean(found[1])
    return _any_key(marks)


def _any_key(marks: Sequence[ChallengeMark]) -> str:
    return next((clean(mark.key)[:200] for mark in marks if mark.key), "")


def _is_asking(field: InputField, *, sure: bool) -> bool:
    if field.type not in _TYPED:
        return False
    if field.type == "password":
        return True
    words = " ".join((field.name, field.label, field.placeholder))
    return not (_ANSWER.search(words) or (sure and _CODE.search(words)))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold().split())


@cache
def _knowledge() -> tuple[tuple[ChallengeVendor, ...], PhrasePattern, PhrasePattern]:
    data = tomllib.loads(files("crawler").joinpath("data", "challenges.toml").read_text(encoding="utf-8"))
    vendors = tuple(
        ChallengeVendor(
            entry["name"],
            _any_of(entry.get("address", ())),
            _any_of(entry.get("wall", ())),
            tuple(entry.get("mark", ())),
            tuple(re.compile(pattern) for pattern in entry.get("key", ())),
            entry.get("hidden", False),
            entry.get("silent", False),
        )
        for entry in data["vendor"]
    )
    words = data["words"]
    return vendors, PhrasePattern(words["certain"]), PhrasePattern(words["likely"])


def _any_of(patterns: Sequence[str]) -> PhrasePattern | None:
    return PhrasePattern(patterns) if patterns else None
