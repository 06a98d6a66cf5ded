"""Names and URLs from a file or standard input, packed or not, for commands with ``--from``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.wrapped_links import unwrapped
from crawler.sources.feeds.decompression import CHUNK, NO_LIMIT, FeedFault
from crawler.sources.feeds.feed_records import FeedReader
from crawler.sources.feeds.list_lines import entries_of, is_columns
from crawler.sources.feeds.reading_remarks import ReadingRemarks
from crawler.sources.feeds.zone_file import lines_of
from detector.errors import UsageError
from detector.hosts import MAX_HOST
from detector.sentences import without_secrets

_MAX_LINE = 16_384
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_NAME = re.compile(rf"(?:{_LABEL}\.){{1,9}}(?!\d+$|0x[0-9a-f]*$){_LABEL}")
"""Names that mean themselves: nearly all lines of the long lists, and a fast way for them."""


@dataclass(frozen=True, slots=True)
class GivenEntry:
    """One entry of a list, or of the command line."""

    text: str
    """As it was given."""
    address: str
    """The address that it means; empty where it is not read."""
    problem: str = ""
    """Reason why it is not read."""

    @property
    def leads_to(self) -> str:
        """The address, or that in it where a mail gateway, a search engine or a network wraps it."""
        return (self.address, *unwrapped(self.address))[-1] if self.address.count("/") > 2 else self.address

    @property
    def name(self) -> str:
        """The place it leads to, without what every front page has: ``a.example`` of ``http://a.example/``."""
        return self.leads_to.removeprefix("http://").removesuffix("/")

    @property
    def is_name(self) -> bool:
        """True where it is a name, or a name's front page without a scheme: the scheme may be chosen."""
        return "://" not in self.text and not set(self.name) & set("/:@?#")


class GivenList:
    """Reader of the entries of a file or of standard input."""

    def __init__(self, place: str, form: str = "auto", url_field: str = "url", *, limit: int = NO_LIMIT) -> None:
        """``place``: path of a file, or ``-``; ``form``: text, csv, json or auto; ``limit``: bytes, packed or not."""
        self._place, self._form, self._url_field, self._limit = place, form, url_field, limit
        self.fault: str | None = None
        """Reason why the rest could not be read; None where all was."""
        self.remarks = ReadingRemarks()
        """Entries that are not read, with their lines; the first ones in words."""

    def entries(self) -> Iterator[GivenEntry]:
        """Yield the entries; afterwards ``fault`` says whether the rest could not be read, ``remarks`` what was not.

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
            raise UsageError(
                f"--from {self._place}: cannot be read ({error.strerror}); name a file that exists, or - for standard input"
            ) from error

    @property
    def unread(self) -> str:
        """Say which entries were not read, with their lines, as a line for people; empty where all were."""
        said = self.remarks.sentence()
        return without_secrets(f"clonewatch: {self._place}: {said}") if said else ""

    def _read(self, file: BinaryIO) -> Iterator[GivenEntry]:
        chunks = iter(lambda: file.read(CHUNK), b"")
        reader = FeedReader(chunks, limit=self._limit, form=self._form, url_field=self._url_field, name=self._place)
        self.remarks = reader.remarks
        try:
            for text in reader.texts():
                if text.form == "text":
                    lines = lines_of(text.text, keep=_MAX_LINE)
                    yield from self._lines(lines, columns=is_columns(text.head))
                else:
                    for record in reader.records_of(text):
                        yield GivenEntry(record.url, read_address(record.url))
        except FeedFault as fault:
            self.fault = str(fault)

    def _lines(self, lines: Iterable[str], *, columns: bool) -> Iterator[GivenEntry]:
        for number, line in enumerate(lines, 1):
            for entry in entries_given(line[:_MAX_LINE], columns=columns):
                if entry.problem:
                    self.remarks.leave_out(f"line {number}", entry.text, entry.problem)
                yield entry


def given_addresses(arguments: Sequence[str], listed: GivenList | None) -> Iterator[GivenEntry]:
    """Yield the entries of a command's arguments, then those of its list.

    Raises:
        UsageError: the list cannot be read.
    """
    for argument in arguments:
        entries = list(entries_given(argument))
        yield from entries if len(entries) == 1 else [GivenEntry(argument.strip(), "", "it holds no single address")]
    if listed is not None:
        yield from listed.entries()


def entries_given(line: str, *, columns: bool = False) -> Iterator[GivenEntry]:
    """Yield the entries of one line or argument; one that is not read has a problem.  None for blank lines and comments.

    ``columns``: blanks separate columns.
    """
    if len(line) < MAX_HOST and _PLAIN_NAME.fullmatch(line):
        yield GivenEntry(line, f"http://{line}/")
        return
    try:
        entries = entries_of(line, columns=columns)
    except BadUrl as error:
        yield GivenEntry(line.strip(), "", str(error))
        return
    for entry in entries:
        try:
            yield GivenEntry(entry, read_address(entry))
        except BadUrl as error:
            yield GivenEntry(entry, "", str(error))
