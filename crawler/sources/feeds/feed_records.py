"""Parse a feed's text into records: lists of URLs, CSV and JSON, in the shapes that feeds are published in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.sources.feeds import json_values
from crawler.sources.feeds.archives import files_of
from crawler.sources.feeds.csv_records import CsvRecords
from crawler.sources.feeds.decompression import FeedFault, text_of
from crawler.sources.feeds.feed_shapes import FeedRecord, format_of
from crawler.sources.feeds.list_lines import entries_of, is_columns
from crawler.sources.feeds.reading_remarks import ReadingRemarks
from crawler.sources.feeds.threat_intelligence import indicators

FORMATS = ("auto", "text", "csv", "json")
MAX_LINE = 16_384
BRAND_FIELDS = ("brand", "target", "target_brand", "impersonated", "description")
"""Columns or keys in which feeds name the brand (PhishTank ``target``, JPCERT/CC ``description``), tried if none is configured."""

_JUNK = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_MARKUP = ("<!doctype", "<html", "<?xml", "<head", "<script")
_DEPTH = 8
"""Levels of a JSON value that are searched: an object of a MISP event of an answer is the sixth."""


@dataclass(frozen=True, slots=True)
class FeedFileText:
    """The text of one file of a feed."""

    head: str
    """Its first 4,096 characters."""
    text: Iterator[str]
    """All of it."""
    form: str
    """``text``, ``csv`` or ``json``."""


class FeedReader:
    """Parser of one feed, for one use: iterate :meth:`records`, then read ``junk``, ``remarks`` and ``fault``."""

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
        self._files = files_of(chunks, limit)
        self._form = form
        self._url_field = url_field.lower()
        self._brand_fields = (brand_field.lower(),) if brand_field else BRAND_FIELDS
        self._name = name.lower()
        self._entries = 0
        self.remarks = ReadingRemarks()
        """Entries that were not read, with the reason; the first ones in words."""
        self.outer: dict[str, Any] = {}
        """Plain values of the outermost JSON object: what a TAXII envelope says of further pages."""
        self.fault: str | None = None
        """Reason why the rest could not be read; None where all was."""

    @property
    def junk(self) -> int:
        """Number of entries without a URL: binary data, overlong lines, rows without the column, addresses in doubt."""
        return self.remarks.left_out

    def records(self) -> Iterator[FeedRecord]:
        """Yield every readable entry, in order.  Raises nothing: see ``fault``."""
        try:
            for text in self.texts():
                yield from self.records_of(text)
        except FeedFault as fault:
            self.fault = str(fault)

    def texts(self) -> Iterator[FeedFileText]:
        """Yield the text of every file, to be read in turn, and its format.

        Raises:
            FeedFault: the rest cannot be read.
        """
        for name, data in self._files:
            head, text = _begun(text_of(data))
            yield FeedFileText(head, text, self._format(name.lower() or self._name, head))

    def _format(self, name: str, head: str) -> str:
        if head.lstrip("\ufeff \t\r\n")[:200].lower().startswith(_MARKUP) and self._form == "auto":
            raise FeedFault("it is a web page or XML, not a list of URLs")
        return self._form if self._form in {"text", "csv", "json"} else format_of(name, head, self._url_field)

    def records_of(self, file: FeedFileText) -> Iterator[FeedRecord]:
        """Yield the entries of one file's text.

        Raises:
            FeedFault: the rest cannot be read.
        """
        if file.form == "json":
            yield from self._json(file.text)
        elif file.form == "csv":
            table = CsvRecords(self._url_field, self._brand_fields, self.remarks)
            for record in table.records(self._lines(file.text)):
                yield from self._checked(record)
        else:
            yield from self._lines_of_text(file.text, columns=is_columns(file.head))

    def _json(self, text: Iterator[str]) -> Iterator[FeedRecord]:
        for entry in json_values.entries(text, self.outer):
            self._entries += 1
            yield from self._of_value(entry, 0)

    def _of_value(self, value: Any, depth: int) -> Iterator[FeedRecord]:
        if isinstance(value, str):
            yield from self._checked(FeedRecord(value))
        elif isinstance(value, dict):
            shared = indicators(value)
            if shared is not None:
                for entry in shared:
                    yield from self._checked(FeedRecord(entry))
                return
            fields = {str(key).lower(): inner for key, inner in value.items()}
            url = fields.get(self._url_field)
            if isinstance(url, str):
                brands = (fields.get(field) for field in self._brand_fields)
                brand = next((brand for brand in brands if isinstance(brand, str)), "")
                yield from self._checked(FeedRecord(url, brand.strip()))
            elif any(isinstance(inner, dict | list) for inner in value.values()) and depth < _DEPTH:
                for inner in value.values():
                    if isinstance(inner, dict | list):
                        yield from self._of_value(inner, depth + 1)
            else:
                self.remarks.left_out += 1
        elif isinstance(value, list) and depth < _DEPTH:
            for inner in value:
                yield from self._of_value(inner, depth + 1)
        else:
            self.remarks.left_out += 1

    def _lines_of_text(self, text: Iterator[str], *, columns: bool) -> Iterator[FeedRecord]:
        for number, line in self._lines(text):
            try:
                entries = entries_of(line, columns=columns)
            except BadUrl as error:
                self.remarks.leave_out(f"line {number}", line, str(error))
                continue
            for entry in entries:
                yield from self._checked(FeedRecord(entry), f"line {number}")

    def _checked(self, record: FeedRecord, place: str = "") -> Iterator[FeedRecord]:
        """Yield a record whose address can be read; remark on any other."""
        url = record.url.strip()
        try:
            if not url or len(url) > MAX_LINE or _JUNK.search(url):
                raise BadUrl("it holds no text" if url else "empty")
            read_address(url)
        except BadUrl as error:
            self.remarks.leave_out(place or f"entry {self._entries}", url, str(error))
        else:
            yield FeedRecord(url, record.brand)

    def _lines(self, text: Iterator[str]) -> Iterator[tuple[int, str]]:
        """Yield lines with their numbers, without line ends; binary and overlong ones are remarked on and left out."""
        rest = ""
        number = 0
        skipping = False
        fault: FeedFault | None = None
        while True:
            try:
                chunk = next(text, None)
            except FeedFault as error:
                fault, chunk = error, None
            if chunk is None:
                break
            *lines, rest = re.split(r"\r\n|\n|\r(?!$)", rest + chunk)
            for line in lines:
                number += 1
                if not skipping and self._readable(number, line):
                    yield number, line.rstrip("\r")
                skipping = False
            if len(rest) > MAX_LINE:
                if not skipping:
                    self.remarks.leave_out(f"line {number + 1}", rest, f"longer than {MAX_LINE} characters")
                rest, skipping = "", True
        if fault is not None:
            raise fault  # drop the last line, which is cut off: half a URL is a different URL
        if rest and not skipping and self._readable(number + 1, rest):
            yield number + 1, rest.rstrip("\r")

    def _readable(self, number: int, line: str) -> bool:
        if len(line) > MAX_LINE or _JUNK.search(line):
            self.remarks.leave_out(f"line {number}", line, "it is binary, or too long")
            return False
        return True


def _begun(text: Iterator[str]) -> tuple[str, Iterator[str]]:
    """Return the first 4,096 characters of a text, and all of it."""
    head = ""
    fault: FeedFault | None = None
    try:
        while len(head) < 4096:
            head += next(text)
    except StopIteration:
        pass
    except FeedFault as error:
        fault = error
    return head, _with_fault(head, text, fault)


def _with_fault(head: str, rest: Iterator[str], fault: FeedFault | None) -> Iterator[str]:
    if head:
        yield head
    if fault is not None:
        raise fault
    yield from rest
