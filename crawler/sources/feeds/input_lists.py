"""Names and URLs that somebody gives a command to read: a file or standard input, packed or not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.sources.feeds.feed_records import FeedReader
from crawler.sources.feeds.unpack import CHUNK, NO_LIMIT, FeedFault, text_of, unpack
from crawler.sources.feeds.zone_file import lines_of
from detector.errors import UsageError

_MAX_LINE = 16_384


class GivenList:
    """The entries of a file or of standard input."""

    def __init__(self, place: str, form: str = "text", url_field: str = "url") -> None:
        """``place``: a file, or ``-``; ``form``: text, csv or json."""
        self._place, self._form, self._url_field = place, form, url_field
        self.fault: str | None = None
        """Why the rest could not be read."""

    def entries(self) -> Iterator[str]:
        """One after the other; what breaks off is in ``fault`` then.

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
    """The entry of a line that is neither blank nor a comment; what is longer than any address is cut."""
    entry = line.strip()[:_MAX_LINE]
    if entry and not entry.startswith("#"):
        yield entry
