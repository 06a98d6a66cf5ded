"""Hostile text made fit to be read: invisible characters shown, lengths bounded.  The template engine escapes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from detector.present.defang import defang
from detector.present.personal_data import ADDRESS, mask_personal_data

ELLIPSIS = "…"

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""C0 but tab and line feed, DEL and C1; all default ignorable code points (UAX #44), direction marks, fillers and tags among them;
line and paragraph separators; annotation characters.  ZWJ, ZWNJ and the selectors of emoji stay: emoji and Persian need them."""
_MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_PILED = re.compile(f"({_MARKS}{{8}}){_MARKS}+")
"""More marks on one letter than any language writes: they are drawn over the lines above and below."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n+")


def visible(text: str) -> str:
    """``text`` with invisible and direction-changing characters written out (``[U+202E]``), surrogates as U+FFFD.

    Of more than eight marks on one letter, the first eight are left.
    """
    text = _PILED.sub(r"\1", text) if not text.isascii() else text
    return INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", _SURROGATE.sub("�", text))


def one_line(text: str, limit: int) -> str:
    """``text`` on one line, at most ``limit`` characters; what was cut shows as an ellipsis."""
    return shorten(visible(" ".join(text[: limit * 4].split())), limit)


def excerpt(text: str, limit: int) -> str:
    """The beginning of ``text`` with its line breaks, blank lines and runs of spaces folded."""
    folded = _LINES.sub("\n", _BLANKS.sub(" ", text[: limit * 4].replace("\r\n", "\n"))).strip()
    return shorten(visible(folded), limit)


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + ELLIPSIS


def safe_url(url: str, limit: int = 2000) -> str:
    """A URL to look at: defanged, invisible characters written out, bounded."""
    return shorten(visible(defang(url)), limit)


def page_url(url: str, limit: int = 2000) -> str:
    """Return the address of a captured page for people: without victims' data, and as :func:`safe_url` shows it."""
    return safe_url(mask_personal_data(url), limit)


def sentence(text: str, limit: int, hosts: tuple[str, ...] = ()) -> str:
    """A sentence of ours that quotes a page: URLs and the ``hosts`` named in it are defanged, victims' data in them masked."""
    text = ADDRESS.sub(lambda found: defang(mask_personal_data(found[0])), text[: limit * 4])
    for host in hosts:
        if "." in host:
            text = re.sub(re.escape(host), lambda found: defang(found[0]), text, flags=re.IGNORECASE)
    return one_line(text, limit)


def utc(moment: datetime | None) -> str:
    """``2026-03-09 14:05:31 UTC``; empty for None.  A moment without a zone is taken as UTC."""
    if moment is None:
        return ""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def percent(probability: float | None) -> str:
    """``97 %``; never claims to be certain of a clone: ``> 99 %`` is the most that it says."""
    if probability is None:
        return "not known"
    if probability >= 0.995:
        return "> 99 %"
    if 0.0 < probability < 0.005:
        return "< 1 %"
    return f"{probability * 100:.0f} %"


def size(count: int | None) -> str:
    """Bytes for people: ``812 B``, ``14.2 kB``, ``3.1 MB`` (powers of 1000)."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def label(name: str) -> str:
    """``logo_page`` as ``Logo page``: identifiers of signals, states and outcomes as words."""
    words = one_line(name.replace("_", " ").replace("-", " "), 60)
    return words[:1].upper() + words[1:]
