"""Parse a feed's text into records: lists of URLs, CSV and JSON, in the shapes that feeds are published in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.sources.feeds import json_values
from crawler.sources.feeds.decompression import FeedFault, text_of, unpack
from crawler.sources.feeds.threat_intelligence import indicators

FORMATS = ("auto", "text", "csv", "json")
MAX_LINE = 16_384
BRAND_FIELDS = ("brand", "target", "target_brand", "impersonated", "description")
"""Columns or keys in which feeds name the brand (PhishTank ``target``, JPCERT/CC ``description``), tried if none is configured."""

_JUNK = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_LIKE_URL = re.compile(r"^\s*(?:[hH][tTxX]{2}[pP][sS]?\[?:|(?:[\w-]+(?:\.|\[\.\]))+[A-Za-z]{2,}(?:[/:?]|$))")
_HOSTS_FILE = re.compile(r"^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)")
_MARKUP = ("<!doctype", "<html", "<?xml", "<head", "<script")
_DEPTH = 8
"""Levels of a JSON value that are searched: an object of a MISP event of an answer is the sixth."""
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One entry of a feed."""

    url: str
    """The URL as the feed writes it; may be defanged, or not a URL at all."""
    brand: str = ""
    """Name of the impersonated brand, as the feed writes it."""


class FeedReader:
    """Parser of one feed, for one use: iterate :meth:`records`, then read ``junk`` and ``fault``."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        limit: int,
        form: str = "auto",
        url_field: str = "url",
        brand_field: str | None = None,
        name: str = "",
    ) -> None:
        """``limit``: bytes, compressed or not, after which the feed is cut; ``name``: path or address, which tells the format."""
        self._text = text_of(unpack(chunks, limit))
        self._form = form
        self._url_field = url_field.lower()
        self._brand_fields = (brand_field.lower(),) if brand_field else BRAND_FIELDS
        self._name = name.lower()
        self.junk = 0
        """Number of entries without a URL: binary data, overlong lines, rows without the column."""
        self.outer: dict[str, Any] = {}
        """Plain values of the outermost JSON object: what a TAXII envelope says of further pages."""
        self.fault: str | None = None
        """Reason why the rest could not be read; None where all was."""

    def records(self) -> Iterator[FeedRecord]:
        """Yield every readable entry, in order.  Raises nothing: see ``fault``."""
        try:
            form, text = self._recognise()
            yield from {"json": self._json, "csv": self._csv, "text": self._lines_of_text}[form](text)
        except FeedFault as fault:
            self.fault = str(fault)

    def _recognise(self) -> tuple[str, Iterator[str]]:
        head = ""
        fault: FeedFault | None = None
        try:
            while len(head) < 4096:
                head += next(self._text)
        except StopIteration:
            pass
        except FeedFault as error:
            fault = error
        if head.lstrip()[:200].lower().startswith(_MARKUP) and self._form == "auto":
            raise FeedFault("it is a web page or XML, not a list of URLs")
        text = _with_fault(head, self._text, fault)
        return (self._form if self._form in {"text", "csv", "json"} else self._guess(head)), text

    def _guess(self, head: str) -> str:
        stem = re.sub(r"\.(?:gz|bz2)$", "", self._name.split("?", 1)[0])
        if stem.endswith((".json", ".jsonl", ".ndjson")):
            return "json"
        if stem.endswith((".csv", ".tsv")):
            return "csv"
        lines = [line for line in head.splitlines() if line.strip()]
        data = next((line.strip() for line in lines if not line.lstrip().startswith("#")), "")
        if data.startswith(("{", "[")):
            return "json"
        cells = _cells(data, _delimiter(data))
        named = any(cell.lower() == self._url_field for cell in cells)
        if len(cells) > 1 and (named or (not _LIKE_URL.match(cells[0]) and any(map(_LIKE_URL.match, cells)))):
            return "csv"
        return "text"

    def _json(self, text: Iterator[str]) -> Iterator[FeedRecord]:
        for entry in json_values.entries(text, self.outer):
            yield from self._of_value(entry, 0)

    def _of_value(self, value: Any, depth: int) -> Iterator[FeedRecord]:
        if isinstance(value, str):
            yield from self._checked(value, "")
        elif isinstance(value, dict):
            shared = indicators(value)
            if shared is not None:
                for entry in shared:
                    yield from self._checked(entry, "")
                return
            fields = {str(key).lower(): inner for key, inner in value.items()}
            url = fields.get(self._url_field)
            if isinstance(url, str):
                brands = (fields.get(field) for field in self._brand_fields)
                yield from self._checked(url, next((brand for brand in brands if isinstance(brand, str)), ""))
            elif any(isinstance(inner, dict | list) for inner in value.values()) and depth < _DEPTH:
                for inner in value.values():
                    if isinstance(inner, dict | list):
                        yield from self._of_value(inner, depth + 1)
            else:
                self.junk += 1
        elif isinstance(value, list) and depth < _DEPTH:
            for inner in value:
                yield from self._of_value(inner, depth + 1)
        else:
            self.junk += 1

    def _lines_of_text(self, text: Iterator[str]) -> Iterator[FeedRecord]:
        for line in self._lines(text):
            entry = line.strip()
            if not entry or entry.startswith(("#", ";", "//")):
                continue
            mapped = _HOSTS_FILE.match(entry)
            words = [mapped[1]] if mapped else entry.split(" #", 1)[0].split()
            yield from self._checked(next((word for word in words if _LIKE_URL.match(word)), words[0]), "")

    def _csv(self, text: Iterator[str]) -> Iterator[FeedRecord]:
        columns: tuple[int | None, int | None] | None = None
        comment = ""
        delimiter = ","
        for line in self._rows(text):
            if line.lstrip().startswith("#"):
                comment = line.lstrip("# \t")
                continue
            if columns is None:
                delimiter = _delimiter(line)
            cells = _cells(line, delimiter)
            if not any(cells):
                continue
            if columns is None:
                columns = self._columns(cells)
                if columns[0] is not None:
                    continue
                above = _cells(comment, delimiter)
                columns = self._columns(above) if len(above) == len(cells) else columns
            yield from self._row(cells, columns)

    def _row(self, cells: Sequence[str], columns: tuple[int | None, int | None]) -> Iterator[FeedRecord]:
        url_at, brand_at = columns
        if url_at is None:
            url_at = next((place for place, cell in enumerate(cells) if _LIKE_URL.match(cell)), None)
        if url_at is None or url_at >= len(cells):
            self.junk += 1
            return
        brand = cells[brand_at] if brand_at is not None and brand_at < len(cells) else ""
        yield from self._checked(cells[url_at], brand)

    def _columns(self, cells: Sequence[str]) -> tuple[int | None, int | None]:
        """Return the columns of URL and brand if ``cells`` is a header, else (None, None)."""
        names = [cell.strip().lower() for cell in cells]
        if self._url_field not in names:
            return None, None
        brand = next((names.index(field) for field in self._brand_fields if field in names), None)
        return names.index(self._url_field), brand

    def _rows(self, text: Iterator[str]) -> Iterator[str]:
        """Yield lines, joined where a quoted cell continues in the next one; of a quote without end, what stands in it is junk."""
        row: list[str] = []
        quotes = length = 0
        for line in self._lines(text):
            row.append(line)
            quotes += line.count('"')
            length += len(line) + 1
            if quotes % 2 == 0 or row[0].lstrip().startswith("#"):
                yield "\n".join(row)
            elif length > MAX_LINE:
                self.junk += 1
            else:
                continue
            row, quotes, length = [], 0, 0
        if row:
            yield "\n".join(row)

    def _lines(self, text: Iterator[str]) -> Iterator[str]:
        """Yield lines without line ends; binary and overlong ones are counted and left out."""
        rest = ""
        skipping = False
        fault: FeedFault | None = None
        while True:
            try:
                chunk = next(text, None)
            except FeedFault as error:
                fault, chunk = error, None
            if chunk is None:
                break
            *lines, rest = re.split(r"\r\n|\n|\r", rest + chunk)
            for line in lines:
                if not skipping and self._readable(line):
                    yield line
                skipping = False
            if len(rest) > MAX_LINE:
                self.junk += not skipping
                rest, skipping = "", True
        if fault is not None:
            raise fault  # drop the last line, which is cut off: half a URL is a different URL
        if rest and not skipping and self._readable(rest):
            yield rest

    def _readable(self, line: str) -> bool:
        if len(line) > MAX_LINE or _JUNK.search(line):
            self.junk += 1
            return False
        return True

    def _checked(self, url: str, brand: str) -> Iterator[FeedRecord]:
        url = url.strip()
        if not url or len(url) > MAX_LINE or _JUNK.search(url):
            self.junk += 1
        else:
            yield FeedRecord(url, brand.strip())


def _with_fault(head: str, rest: Iterator[str], fault: FeedFault | None) -> Iterator[str]:
    if head:
        yield head
    if fault is not None:
        raise fault
    yield from rest


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=lambda mark: (line.count(mark), -_DELIMITERS.index(mark)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader(io.StringIO(line), delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in row]
