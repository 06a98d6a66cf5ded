"""Shapes of feeds: one entry, and how a text is recognised as a list, a table or JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from crawler.sources.feeds.csv_rows import delimiter_of, split_row
from crawler.sources.feeds.list_lines import is_rule

_LIKE_URL = re.compile(
    r"\s*(?:[\[({]?(?:h[tx*017_#]{2}|h[\[({]tt[\])}]|tt)p|meow)s?[\])}]?\s?[\[({]?:|(?:[\w-]+(?:\.|\[\.\]|\(\.\)|\[dot\]|\\\.))+[a-z]{2,}(?:[/:?\[]|$)",
    re.I,
)
_NUMBER = re.compile(r"[\d\s.:/TZ+-]*")
_PACKED = re.compile(r"(?:\.(?:gz|bz2|xz|lzma|zip|tar|tgz|tbz2|txz))+$")


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One entry of a feed."""

    url: str
    """The address as the feed writes it, defanged or not; :func:`crawler.addresses.reader.read_address` reads it."""
    brand: str = ""
    """Name of the impersonated brand, as the feed writes it."""


def is_like_url(text: str) -> bool:
    """Tell whether a cell or word looks like an address: it has a scheme, or is a name with an ending of letters."""
    return _LIKE_URL.match(text) is not None


def format_of(name: str, head: str, url_field: str) -> str:
    """Return ``text``, ``csv`` or ``json``, by the name of a file and the beginning of its text."""
    suffix = PurePosixPath(_PACKED.sub("", name.split("?", 1)[0])).suffix
    if suffix in {".json", ".jsonl", ".ndjson"}:
        return "json"
    if suffix in {".csv", ".tsv"}:
        return "csv"
    lines = [line for line in head.lstrip("\ufeff").splitlines() if line.strip()]
    data = next((line.strip() for line in lines if not line.lstrip().startswith(("#", "!", "["))), "")
    if data.startswith("{") or _is_json_list(lines):
        return "json"
    if is_rule(data):
        return "text"
    cells = split_row(data, delimiter_of(data))[0] if data else []
    named = any(cell.lower() == url_field for cell in cells)
    if len(cells) > 1 and (named or (not is_like_url(cells[0]) and any(map(is_like_url, cells)))):
        return "csv"
    return "csv" if _is_table(lines) else "text"


def _is_table(lines: list[str]) -> bool:
    """Tell whether lines that begin with addresses are rows: all have as many cells, three at least, or a time or number behind it.

    One comma in each may be a part of the addresses.
    """
    rows = [line for line in lines[:-1] if not line.lstrip().startswith("#")][:50]
    if len(rows) < 3 or not all(map(is_like_url, (row.lstrip('"') for row in rows))):
        return False
    delimiter = delimiter_of(rows[0])
    cells = [split_row(row, delimiter)[0] for row in rows]
    width = len(cells[0])
    if width < 2 or any(len(row) != width for row in cells):
        return False
    return width > 2 or all(_NUMBER.fullmatch(row[1]) for row in cells)


def _is_json_list(lines: list[str]) -> bool:
    """Tell whether the first line begins a JSON list: ``[Adblock Plus 2.0]`` and ``[https://a.example]`` do not."""
    first = next((line.strip() for line in lines if not line.lstrip().startswith(("#", "!"))), "")
    return bool(re.match(r"\[\s*(?:$|[\[{\"\]\d-]|true|false|null)", first))
