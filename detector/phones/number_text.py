"""Find numbers in a text: by the library's matcher for each locale, by their letters, and checked to be meant for dialling."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import phonenumbers
from phonenumbers import Leniency, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

from detector.limits import excerpt, spread
from detector.phones import shapes
from detector.phones.deobfuscation import PlainText, plain
from detector.phones.locales import COMMON, script_regions
from detector.phones.vanity import vanity_numbers

MAX_TEXT = 120_000
"""Characters that are read: of a longer text the beginning, the middle and the end."""
MAX_FOUND = 200
"""Most numbers of one text: a page with more is a directory."""
MAX_TRIED = 300
"""Runs of digits that are tried as numbers of every country; of more, those with words about calling beside them come first."""
LEAST_DIGITS = 7
"""Digits of the shortest number that is looked for; few countries have shorter ones that can be dialled from abroad."""
_EXTENSION = 24
"""Characters within which digits after a number may be its extension."""
_RUN = re.compile(r"\d(?:(?:[^\w|]|x){0,4}\d)*")
"""Digits that may belong to one number: the matcher takes up to four signs between groups, ``x`` among them."""


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number in a text; ``start`` and ``end`` are offsets into the text as it was written."""

    number: str
    """E.164."""
    raw: str
    region: str
    start: int
    end: int
    vanity: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    number: PhoneNumber
    rank: int
    """0 for a number with its country code, 1 for one written as in the page's own country, then the other countries in order."""
    vanity: bool = False


def find_in_text(text: str, own: Sequence[str] = (), known: Collection[str] = ()) -> tuple[FoundNumber, ...]:
    """Find all numbers of a text, in its order, one for each place.

    Args:
        own: regions (ISO 3166) that the page points to, the likeliest first; see :func:`own_regions`.
        known: numbers (E.164) that win where a run of digits is a number of several countries.
    """
    read = plain(excerpt(text, MAX_TEXT))
    here = tuple(dict.fromkeys((*own, *script_regions(read.text))))
    matches = [*islice(_vanity(read.text), MAX_FOUND), *_numbers(read.text, here)]
    chosen = spread(_choose(matches, frozenset(known)), MAX_FOUND)
    return tuple(_found(read, match) for match in chosen)


def _vanity(text: str) -> Iterator[_Match]:
    for start, end, number in vanity_numbers(text):
        yield _Match(start, end, number, 0, vanity=True)


def _numbers(text: str, own: Sequence[str]) -> Iterator[_Match]:
    if len(re.findall(r"\d", text)) < 7:
        return
    regions = tuple(dict.fromkeys((*own, *COMMON)))
    lines = _worth_trying(text.replace("\n", "|"))  # the matcher takes the end of a line for a blank inside a number
    for rank, region in enumerate(regions, start=1):
        for match in islice(PhoneNumberMatcher(lines, region, leniency=Leniency.VALID, max_tries=5000), MAX_FOUND):
            start, end = match.start, match.end
            raw = text[start:end]
            if shapes.is_international(raw):
                if not _is_part_of_expression(text, start, end):
                    yield _Match(start, end, match.number, 0)
            elif _is_for_dialling(text, start, end, region, at_home=region in own):
                yield _Match(start, end, match.number, rank)


def _worth_trying(text: str) -> str:
    """Return the text without runs of digits that are too short for a number, or more than are tried.

    Trying a run as a number of some twenty countries takes milliseconds, so that a page of many would hold its judge.
    """
    runs = [(found.start(), found.end()) for found in _RUN.finditer(text)]
    tried = _tried(
        [(start, end) for start, end in runs if len(re.findall(r"\d", text[start:end])) >= LEAST_DIGITS], text
    )
    parts: list[str] = []
    copied, number_end = 0, -_EXTENSION - 1
    for start, end in runs:
        if start in tried:
            number_end = end
        elif start - number_end > _EXTENSION:
            parts += text[copied:start], "|" * (end - start)
            copied = end
    return "".join((*parts, text[copied:]))


def _tried(runs: list[tuple[int, int]], text: str) -> frozenset[int]:
    """Return the beginnings of the runs that are tried: those with words about calling beside them first."""
    if len(runs) <= MAX_TRIED:
        return frozenset(start for start, _ in runs)
    called = spread([start for start, end in runs if shapes.is_to_be_called(text, start, end)], MAX_TRIED)
    known = frozenset(called)
    others = [start for start, _ in runs if start not in known] if len(called) < MAX_TRIED else []
    return frozenset((*called, *spread(others, MAX_TRIED - len(called))))


def _is_part_of_expression(text: str, start: int, end: int) -> bool:
    """Tell whether digits after ``+`` are not a telephone number: ``+1234567 points``, ``2+12025550142``."""
    return shapes.is_something_else(text, start, end) and not shapes.is_to_be_called(text, start, end)


def _is_for_dialling(text: str, start: int, end: int, region: str, *, at_home: bool) -> bool:
    if shapes.is_something_else(text, start, end):
        return False
    raw = text[start:end]
    grouped = shapes.is_national(raw, region)
    to_be_called = shapes.is_to_be_called(text, start, end)
    if region in shapes.NANP or region in shapes.TRUNK_ZERO:
        # blanks alone also group thousands and identifiers: then words must say that it is to be called, or it is alone on its line
        marked = re.search(r"[-().]", raw) is not None or _is_alone_on_line(text, start, end)
        trunk = region in shapes.TRUNK_ZERO and raw.lstrip("( ").startswith("0")
        return (grouped and (marked or to_be_called or (trunk and at_home))) or (
            to_be_called and _begins_like_a_number(raw, region)
        )
    return to_be_called and (at_home or grouped)


def _begins_like_a_number(raw: str, region: str) -> bool:
    """Tell whether ungrouped digits begin like a number: ten (with or without 1) in North America, a trunk prefix elsewhere."""
    digits = re.sub(r"\D", "", raw)
    if region in shapes.NANP:
        return len(digits) == 10 or (len(digits) == 11 and digits.startswith("1"))
    if region == "IN":
        return (len(digits) == 10 and digits[0] in "6789") or digits.startswith(("1800", "1860", "0"))
    if region == "AU" and digits.startswith(("1300", "1800")):
        return True
    return digits.startswith("0") and len(digits) >= 9


def _is_alone_on_line(text: str, start: int, end: int) -> bool:
    """Tell whether nothing else is on its line."""
    line = text[text.rfind("\n", 0, start) + 1 : start], text[end:].partition("\n")[0]
    return not any(part.strip(" \t:*|>-–•☎📞☏") for part in line)


def _choose(matches: list[_Match], known: Collection[str]) -> list[_Match]:
    """Choose one reading for each place: a known number, else the best rank, else the longest."""

    def order(match: _Match) -> tuple[bool, int, int, int]:
        return (_e164(match.number) not in known, match.rank, match.start - match.end, match.start)

    chosen: list[_Match] = []
    for match in sorted(matches, key=order):
        if all(match.end <= other.start or match.start >= other.end for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.start)


def _found(read: PlainText, match: _Match) -> FoundNumber:
    raw = read.raw(match.start, match.end)
    start = read.offsets[match.start]
    return FoundNumber(_e164(match.number), raw, region_of(match.number), start, start + len(raw), match.vanity)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def region_of(number: PhoneNumber) -> str:
    """ISO 3166 code of a number's country; empty for one of no country."""
    region = phonenumbers.region_code_for_number(number) or ""
    return "" if region == "001" else region
