"""Accounts in the paths and queries of addresses: ``/forms/d/e/{}``, ``/Pages/ResponsePage.aspx?id={}``."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from urllib.parse import parse_qsl, quote, unquote

ACCOUNT = "{}"
LONGEST = 300
"""Characters of a segment or value that an account has at most; longer ones are cut."""
MOST_SEGMENTS = 40
_SAFE = "~@!$'()*+,;=:-._"


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern of paths: ``{}`` is the account, ``*`` any segment or part of one, ``?key={}`` a value of the query."""

    segments: tuple[str, ...]
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> PathPattern:
        """Read a pattern as the table has it."""
        path, _, query = text.partition("?")
        return cls(tuple(filter(None, path.split("/"))), query.removesuffix(f"={ACCOUNT}"))

    def account(self, segments: tuple[str, ...], query: str) -> str:
        """Return the part of an address that names the account, from the path's start on; empty where the pattern does not fit."""
        wanted = self.segments
        if len(segments) < len(wanted) or (self.key and len(segments) > len(wanted)):
            return ""
        if not all(_fits(pattern, segment) for pattern, segment in zip(wanted, segments, strict=False)):
            return ""
        path = "/".join(segments[: len(wanted)])
        if not self.key:
            return path
        value = _value(query, self.key)
        return f"{path}?{self.key}={value}" if value else ""


def segments_of(path: str) -> tuple[str, ...]:
    """Return a path's segments in one spelling, without empty ones, and without the ``/u/0`` of who is signed in."""
    parts = [unquote(part)[:LONGEST] for part in path.split("/", MOST_SEGMENTS)[:MOST_SEGMENTS] if part]
    pairs = enumerate(pairwise(parts[:-1]))
    signed_in = {at for at, (name, number) in pairs if name == "u" and number.isdecimal() and len(number) <= 2}
    dropped = signed_in | {at + 1 for at in signed_in}
    return tuple(quote(part, safe=_SAFE) for at, part in enumerate(parts) if at not in dropped)


def starts_with(segments: tuple[str, ...], start: str) -> bool:
    """Tell whether a path begins with another one, segment by segment."""
    wanted = tuple(part.casefold() for part in start.split("/") if part)
    return tuple(part.casefold() for part in segments[: len(wanted)]) == wanted


def _fits(pattern: str, segment: str) -> bool:
    if ACCOUNT in pattern:
        before, _, after = pattern.partition(ACCOUNT)
        return len(segment) > len(before) + len(after) and segment.startswith(before) and segment.endswith(after)
    return (
        fnmatchcase(segment.casefold(), pattern.casefold())
        if "*" in pattern
        else segment.casefold() == pattern.casefold()
    )


def _value(query: str, key: str) -> str:
    try:
        values = parse_qsl(query[:4000], max_num_fields=50)
    except ValueError:
        return ""
    found = next((value for name, value in values if name.casefold() == key.casefold()), "")
    return quote(found[:LONGEST], safe=_SAFE + "/")
