"""Entries of a table: which column holds the address and which the brand, also where a cell holds a delimiter too many."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.sources.feeds.csv_rows import CsvRow, delimiter_of, rows_of, split_row
from crawler.sources.feeds.feed_shapes import FeedRecord, is_like_url
from crawler.sources.feeds.reading_remarks import ReadingRemarks

_KINDS = (
    (re.compile(r""), "empty"),
    (re.compile(r"\d+"), "number"),
    (re.compile(r"\d[\d\s.:/TZ+-]*"), "time"),
    (re.compile(r"[A-Za-z_-]+"), "word"),
    (re.compile(r"[\w\s.'&()-]+"), "words"),
)


class CsvRecords:
    """Reader of one table's records."""

    def __init__(self, url_field: str, brand_fields: Sequence[str], remarks: ReadingRemarks) -> None:
        """``url_field``, ``brand_fields``: names of columns in lower case; ``remarks`` takes up rows that are not read."""
        self._url_field, self._brand_fields, self._remarks = url_field, brand_fields, remarks
        self._url_at: int | None = None
        self._brand_at: int | None = None
        self._width = 0
        self._has_header = False
        self._kinds: dict[int, set[str]] = defaultdict(set)
        """Kinds of values of each column, of the rows that have as many cells as the first one."""

    def records(self, lines: Iterable[tuple[int, str]]) -> Iterator[FeedRecord]:
        """Yield the records of numbered lines."""
        comment = ""
        rows = 0
        for row in rows_of(lines):
            if row.text.lstrip().startswith("#"):
                comment = row.text.lstrip("# \t")
                continue
            if not any(row.cells):
                continue
            if not self._width:
                self._width = len(row.cells)
                if self._is_header(row.cells):
                    continue
                self._is_header(_cells(comment, len(row.cells)))
            rows += 1
            yield from self._record(row, rows)

    def _is_header(self, cells: Sequence[str]) -> bool:
        names = [cell.strip().lower() for cell in cells]
        if self._url_field not in names:
            return False
        self._url_at = names.index(self._url_field)
        self._brand_at = next((names.index(field) for field in self._brand_fields if field in names), None)
        self._has_header = True
        return True

    def _record(self, row: CsvRow, number: int) -> Iterator[FeedRecord]:
        place = f"row {number} (line {row.line})"
        cells = row.cells
        url_at = self._url_at
        if url_at is None:
            url_at = next((at for at, cell in enumerate(cells) if is_like_url(cell)), None)
        if url_at is None or url_at >= len(cells):
            self._remarks.leave_out(place, row.text, "it has no address")
            return
        try:
            cells = self._whole(cells, url_at, delimiter_of(row.text))
            read_address(cells[url_at])
        except BadUrl as error:
            self._remarks.leave_out(place, cells[url_at], str(error))
            return
        if row.stray and ('"' in cells[url_at] or len(row.cells) != self._width or row.cells[url_at] + '"' in row.text):
            self._remarks.add(place, cells[url_at], "a quotation mark is astray")
        elif len(cells) == self._width:
            for at, cell in enumerate(cells):
                self._kinds[at].add(_kind(cell))
        brand = cells[self._brand_at] if self._brand_at is not None and self._brand_at < len(cells) else ""
        yield FeedRecord(cells[url_at].strip('" '), brand.strip())

    def _whole(self, cells: tuple[str, ...], url_at: int, delimiter: str) -> tuple[str, ...]:
        """Return the cells with an address joined that was cut at delimiters within it.

        Raises:
            BadUrl: the row has more cells than the others, and it is in doubt which of them are parts of the address.
        """
        extra = len(cells) - self._width
        if extra <= 0:
            return cells
        joined = (*cells[:url_at], delimiter.join(cells[url_at : url_at + extra + 1]), *cells[url_at + extra + 1 :])
        behind = range(url_at + 1, self._width)
        fits_joined = all(self._fits(at, joined[at]) for at in behind)
        fits_apart = bool(behind) and self._fits(url_at + 1, cells[url_at + 1])
        if fits_joined and not fits_apart:
            return joined
        if fits_apart and not fits_joined:
            return cells
        raise BadUrl(f"the row has {len(cells)} cells instead of {self._width}; put the address into quotation marks")

    def _fits(self, at: int, cell: str) -> bool:
        known = self._kinds.get(at)
        return _kind(cell) in known if known else False


def _kind(cell: str) -> str:
    return next((name for pattern, name in _KINDS if pattern.fullmatch(cell)), "other")


def _cells(text: str, width: int) -> list[str]:
    """Return the cells of a comment that may be the header; none where it has another number of them."""
    cells = split_row(text, delimiter_of(text))[0] if text else []
    return cells if len(cells) == width else []
