"""Find the longer name that a page gives as its own: in title, copyright line, text and host name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from detector.hosts import host_of, registrable_domain, unicode_host
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.shared_words import SharedWord, distinguishes, is_business, is_kind
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.speaker.own_lines import copyright_lines, title_segments

PIECES = re.compile(r"[|·•–—:;»«()\[\]\n\t/!?]| - |(?<=\w{4})\. ")
"""Marks that end a name within a line."""
MOST_TEXT = 20_000
MOST_LINES = 400
LONGEST = 12
"""Words of a name; what is longer is a sentence."""
SENTENCE_REACH = 3
"""Words of a sentence on each side of the shared word that can belong to its name."""
INITIALS = 3
LONG_WORD = 5
"""Letters of a word that tells a host name without the shared one."""
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LongerName:
    """A name of somebody else that holds the brand's word."""

    shown: str
    """As the page writes it."""
    words: frozenset[str]
    """Folded words that tell it from the brand's name, agreed on by two places."""
    places: tuple[str, ...]
    """Places that give it, as nouns with their article."""
    on_host: bool
    kind: bool
    """A word of the name says what kind of place, institution, trade, person or living being it is."""
    business: bool
    """The name, where the page claims it, holds words of the business between a brand and its customers."""


@dataclass(frozen=True, slots=True)
class _Claim:
    place: str
    shown: str
    words: Words
    """All of its folded words."""
    telling: frozenset[str]


def longer_name(view: CaptureView, shared: SharedWord, own: Collection[str]) -> LongerName | None:
    """Find the page's own longer name with the shared word in it; None where no two places agree on one."""
    claims = [*_claims(view, shared, own)]
    label = _plain(_label_of(view))
    by_place: dict[str, frozenset[str]] = {}
    for claim in claims:
        by_place[claim.place] = by_place.get(claim.place, frozenset()) | claim.telling
    on_host = {word for claim in claims for word in _told_by(label, claim, shared)}
    words = {word for found in by_place.values() for word in found}
    agreed = {word for word in words if word in on_host or sum(word in found for found in by_place.values()) >= 2}
    fitting = [claim for claim in claims if agreed & claim.telling]
    # the largest lines of a picture are a title by guess only
    needed = {TITLE, COPYRIGHT} if view.facts is not None else {COPYRIGHT}
    if not needed.intersection(claim.place for claim in fitting):
        return None
    places = tuple(dict.fromkeys(claim.place for claim in fitting))
    hosted = bool(agreed & on_host)
    if hosted:
        places = (*places, "its host name")
    shown = max(fitting, key=lambda claim: (claim.place != TEXT, len(agreed & claim.telling), -len(claim.words))).shown
    business = any(is_business(word) for claim in fitting if claim.place == COPYRIGHT for word in claim.words)
    kind = any(is_kind(word) for word in agreed)
    return LongerName(shown, frozenset(agreed), places, hosted, kind, business)


TITLE, COPYRIGHT, TEXT = "its title", "its copyright line", "its text"


def host_holds(view: CaptureView, shared: SharedWord) -> bool:
    """Tell whether the site's own name holds the shared word."""
    return "".join(shared.tokens) in _plain(_label_of(view))


def host_is_a_lure(view: CaptureView, shared: SharedWord) -> bool:
    """Tell whether the host name has the shared word beside words of business: ``apple-account-verify``."""
    parts = re.split(r"[-.]", fold(unicode_host(host_of(view.url))))
    joined = "".join(shared.tokens)
    return any(joined in part for part in parts) and any(is_business(part.replace(joined, "")) for part in parts)


def _claims(view: CaptureView, shared: SharedWord, own: Collection[str]) -> Iterator[_Claim]:
    assert view.text_facts is not None
    text = view.text_facts.text[:MOST_TEXT]
    places: tuple[tuple[str, Iterable[str]], ...] = (
        (TITLE, title_segments(view.text_facts.title)),
        (COPYRIGHT, copyright_lines(view)),
        (TEXT, text.splitlines()),
    )
    copyrights = set(copyright_lines(view))
    for place, lines in places:
        found = 0
        for line in lines:
            if shared.tokens[0] not in fold(line) or (place == TEXT and line in copyrights):
                continue
            found += 1
            if found > MOST_LINES:
                break
            for piece in PIECES.split(line):
                yield from _claims_of(place, piece, shared, own)


def _claims_of(place: str, piece: str, shared: SharedWord, own: Collection[str]) -> Iterator[_Claim]:
    written = tokens_of(piece)
    words = [fold(word) for word in written]
    count = len(shared.tokens)
    for start in range(len(words) - count + 1):
        if tuple(words[start : start + count]) != shared.tokens:
            continue
        # of a sentence, only what stands beside the word can be its name
        reach = len(words) if len(words) <= LONGEST else SENTENCE_REACH
        first, last = max(0, start - reach), min(len(words), start + count + reach)
        beside = [*range(first, start), *range(start + count, last)]
        telling = frozenset(words[place_] for place_ in beside if distinguishes(words[place_], shared, own))
        if telling:
            yield _Claim(place, " ".join(written[first:last]), tuple(words[first:last]), telling)


def _told_by(label: str, claim: _Claim, shared: SharedWord) -> frozenset[str]:
    """Words of a claim that the host's label confirms."""
    if len(label) < INITIALS:
        return frozenset()
    inside = frozenset(word for word in claim.telling if _plain(word) in label)
    if inside and "".join(shared.tokens) in label:
        return inside
    # without the shared word: two others, or a long one
    if len(inside) >= 2 or any(len(word) >= LONG_WORD for word in inside):
        return inside
    content = [word for word in claim.words if word in claim.telling or word in shared.tokens]
    for spelt in (claim.words, content):
        initials = _plain("".join(word[0] for word in spelt))
        if len(initials) >= INITIALS and initials == label:
            return claim.telling
    return frozenset()


def _label_of(view: CaptureView) -> str:
    host = host_of(view.url)
    return registrable_domain(host).partition(".")[0] if host else ""


def _plain(text: str) -> str:
    """Letters and digits without accents: how a host name writes a word."""
    spread = unicodedata.normalize("NFKD", fold(unicode_host(text) if text.startswith("xn--") else text))
    return "".join(letter for letter in spread if letter.isalnum())
