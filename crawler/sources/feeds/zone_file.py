"""Read names from zone files (RFC 1035, section 5, as CZDS delivers them) and plain lists, chunk by chunk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.sources.feeds.archives import files_of
from crawler.sources.feeds.decompression import text_of
from crawler.sources.feeds.list_lines import entries_of
from detector.hosts import host_of, is_address

_TYPES = frozenset(
    [
        "a",
        "aaaa",
        "ns",
        "cname",
        "ds",
        "mx",
        "txt",
        "soa",
        "rrsig",
        "nsec",
        "nsec3",
        "nsec3param",
        "dnskey",
        "cds",
        "caa",
    ]
)
_CLASSES = frozenset(("in", "ch", "hs"))
_TTL = re.compile(r"\d+[smhdw\d]*")
_HOST = re.compile(r"[a-z0-9_\u0080-\U0010ffff-]+(?:\.[a-z0-9_\u0080-\U0010ffff-]+)+")
MAX_LINE = 65_536


def lines_of(text: Iterable[str], *, keep: int = 0) -> Iterator[str]:
    """Yield lines without line ends; of a line longer than ``MAX_LINE`` only the first ``keep`` characters."""
    rest = ""
    long: str | None = None
    """Return the part that is kept of a line that continues."""
    for chunk in text:
        *lines, rest = (rest + chunk).split("\n")
        for line in lines:
            yield long if long is not None else line if len(line) <= MAX_LINE else line[:keep]
            long = None
        if len(rest) > MAX_LINE:
            long = rest[:keep] if long is None else long
            rest = ""
    if long or (rest and long is None):
        yield long or rest


def lines_in(chunks: Iterable[bytes], limit: int) -> Iterator[str]:
    """Yield the lines of a file, or of all files of an archive, packed or not.

    Raises:
        FeedFault: after all that could be read: the data is cut off, broken, larger than ``limit`` bytes, or of another kind.
    """
    for _, data in files_of(chunks, limit):
        yield from lines_of(text_of(data))


class ZoneFile:
    """Reader of delegated names: owners of NS records in the order of the file, each once where its records stand together."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self._origin = ""
        self.junk = 0
        """Number of lines that are not a record."""

    def names(self) -> Iterator[str]:
        """Yield names in lower case, without the final dot; the zone's own name is left out."""
        last = ""
        for owner, kind in self._records():
            if kind == "soa" and not self._origin:
                self._origin = owner
            elif kind == "ns" and owner not in {last, self._origin}:
                last = owner
                if _HOST.fullmatch(owner) and len(owner) <= 253:
                    yield owner
                else:
                    self.junk += 1

    def _records(self) -> Iterator[tuple[str, str]]:
        """Yield owner and type of each record."""
        owner = ""
        for line in self._whole_lines():
            fields = line.split()
            if fields[0][0] == "$":
                if fields[0].upper() == "$ORIGIN" and len(fields) > 1:
                    self._origin = fields[1].lower().strip(".")
                continue
            if not line[0].isspace():
                owner = self._absolute(fields.pop(0).lower())
            kind = _type_of(fields)
            if kind is None:
                self.junk += 1
            else:
                yield owner, kind

    def _whole_lines(self) -> Iterator[str]:
        """Yield lines on which a record begins; blank lines, comments and lines within parentheses are left out."""
        depth = 0
        for line in self._lines:
            begins = depth == 0
            if "(" in line or depth:
                depth = max(0, depth + line.count("(") - line.count(")"))
            if begins and line.strip() and not line.lstrip().startswith(";"):
                yield line

    def _absolute(self, name: str) -> str:
        if name.endswith("."):
            return name[:-1]
        if name == "@":
            return self._origin
        return f"{name}.{self._origin}" if self._origin else name


def _type_of(fields: list[str]) -> str | None:
    """Return the type of a record; TTL and class before it may come in either order."""
    for field in fields[:3]:
        word = field.lower()
        if word in _TYPES or word.startswith("type"):
            return word
        if word not in _CLASSES and not _TTL.fullmatch(word):
            return None
    return None


def listed_names(lines: Iterable[str]) -> Iterator[str]:
    """Yield the host names of each line: the first word, or what a line of another kind of list names.

    Comments and lines without a name are left out.
    """
    for line in lines:
        entry = line.strip().lower()
        if not entry or entry[0] in "#;":
            continue
        word = re.split(r"[\s,;\t|]", entry, maxsplit=1)[0].strip('"').strip(".")
        if _HOST.fullmatch(word) and not word[-1].isdigit():
            if len(word) <= 253:
                yield word
        else:
            yield from _names_in(line)


def _names_in(line: str) -> Iterator[str]:
    """Yield the names of a line of a hosts file, a rule or an address."""
    try:
        hosts = [host_of(read_address(entry)) for entry in entries_of(line)]
    except BadUrl:
        return
    yield from (host for host in hosts if not is_address(host))
