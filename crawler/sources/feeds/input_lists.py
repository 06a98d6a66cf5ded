"""Names and URLs from a file or standard input, compressed or not, for commands with ``--from``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.sources.feeds.decompression import CHUNK, NO_LIMIT, FeedFault, text_of, unpack
from crawler.sources.feeds.feed_records import FeedReader
from crawler.sources.feeds.zone_file import lines_of
from detector.errors import UsageError

_MAX_LINE = 16_384


class GivenList:
    """Reader of the entries of a file or of standard input."""

    def __init__(self, place: str, form: str = "text", url_field: str = "url") -> None:
        """``place``: path of a file, or ``-``; ``form``: text, csv or json."""
        self._place, self._form, self._url_field = place, form, url_field
        self.fault: str | None = None
        """Reason why the rest could not be read; None where all was."""

    def entries(self) -> Iterator[str]:
        """Yield the entries; afterwards ``fault`` says whether the rest could not be read.

        Raises:
            UsageError: the file cannot be read.
        """
        if self._place == "-":
            yield from self._read(sys.stdin.buffer)
            return
        try:
            with Path(self._place).open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            raise UsageError(f"--from {self._place}: cannot be read ({error.strerror})") from error

    def _read(self, file: BinaryIO) -> Iterator[str]:
        chunks = iter(lambda: file.read(CHUNK), b"")
        if self._form == "text":
            try:
                for line in lines_of(text_of(unpack(chunks, NO_LIMIT)), keep=_MAX_LINE):
                    yield from _entry(line)
            except FeedFault as fault:
                self.fault = str(fault)
            return
        reader = FeedReader(chunks, limit=NO_LIMIT, form=self._form, url_field=self._url_field, name=self._place)
        for record in reader.records():
            yield record.url
        self.fault = reader.fault


def _entry(line: str) -> Iterator[str]:
    """Return the entry of a line, cut to the longest address; empty for blank lines and comments."""
    entry = line.strip()[:_MAX_LINE]
    if entry and not entry.startswith("#"):
        yield entry
