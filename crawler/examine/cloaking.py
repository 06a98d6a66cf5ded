"""Detect cloaking: compare two views of an address that different visitors were shown."""

from __future__ import annotations

from enum import Enum

from crawler.examine.likeness import Read, alike
from detector.hosts import host_of, registrable_domain
from detector.model import Capture, Outcome
from detector.signals.lure import strongest_lure

MAX_TITLE = 60
ASKS = 0.7
"""Measure of the signal ``lure`` from which a page counts as asking for data."""


class ShownKind(Enum):
    """Kind of thing that a visitor was shown."""

    PAGE = "page"
    WALL = "wall"
    """A captcha or challenge."""
    NOTHING = "nothing"
    """No page: blank, parked, an error page, a download, a dead end."""
    UNKNOWN = "unknown"
    """Unknown: no connection, no time, too many requests."""


_NOTHING = frozenset((Outcome.BLANK, Outcome.PARKED, Outcome.DOWNLOAD, Outcome.BLOCKED_BY_GUARD, Outcome.REDIRECT_LOOP))
_PASSING = frozenset(("http_408", "http_425", "http_429"))
"""HTTP statuses that depend on the moment, not on the visitor."""


def shown_in(capture: Capture) -> ShownKind:
    """Return the kind of thing that a capture shows."""
    if capture.outcome == Outcome.OK:
        return ShownKind.PAGE
    if capture.outcome == Outcome.CAPTCHA:
        return ShownKind.WALL
    if capture.outcome in _NOTHING or (capture.outcome.startswith("http_") and capture.outcome not in _PASSING):
        return ShownKind.NOTHING
    return ShownKind.UNKNOWN


def differ(first: Capture, second: Capture, read: Read) -> bool:
    """Return True if two views show different pages.  Two views without a page do not differ.

    In doubt they are the same.
    """
    kinds = {shown_in(first), shown_in(second)}
    if ShownKind.UNKNOWN in kinds or ShownKind.PAGE not in kinds:
        return False
    same = alike(first, second, read)
    if len(kinds) == 2:  # a page, and something else in its place; a page with an error status may still be the page
        return not same
    if same is None:
        return asks(first) != asks(second)
    return not same


def asks(capture: Capture) -> bool:
    """Return True if a capture shows a page that asks for credentials, card data or a call."""
    return capture.facts is not None and strongest_lure(capture.facts)[0] >= ASKS


def cloaking_sentence(first: Capture, second: Capture) -> str:
    """Describe in a sentence how two views differ."""
    return f"{_seen(first)}; {_seen(second)[0].lower()}{_seen(second)[1:]}."


def _seen(capture: Capture) -> str:
    return f"As {capture.profile} {_what(capture)}"


def _what(capture: Capture) -> str:
    where = _elsewhere(capture)
    match shown_in(capture):
        case ShownKind.PAGE:
            title = " ".join(capture.facts.title.split())[:MAX_TITLE] if capture.facts else ""
            name = f"“{title}”" if title else "a page without a title"
            return f"it shows {name}{where}{', which asks for something' if asks(capture) else ''}"
        case ShownKind.WALL:
            return f"it shows a challenge{where}"
        case _:
            return f"it ends as “{capture.outcome}”{where}"


def _elsewhere(capture: Capture) -> str:
    """Return `` on HOST`` where the visitor was redirected to another site."""
    start, end = host_of(capture.url), host_of(capture.final_url)
    return f" on {end}" if end and registrable_domain(start) != registrable_domain(end) else ""
