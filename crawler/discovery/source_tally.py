"""What each source brought: counted while spiders run, shown to people and handed to whoever started them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.table import Table
from rich.text import Text

from detector.present.legible import one_line
from detector.sentences import counted


@dataclass(slots=True)
class SourceTally:
    """Counts of one source: a spider, or one feed of it (``feeds:openphish``)."""

    source: str
    tried: int = 0
    """Names that were asked about in DNS; 0 for sources that only read."""
    found: int = 0
    """Candidates that the source gave."""
    new: int = 0
    """Added to the backlog."""
    owned: int = 0
    """Dropped: they belong to a brand."""
    seen: int = 0
    """Known before, or listed twice: what is new about them was merged."""
    dropped: int = 0
    """Dropped: no URL, or a name that says nothing to a source that reports every name."""
    wildcard: int = 0
    """Live names beyond the first of a wildcard zone: the same page under another name."""
    parked: int = 0
    """Of those found: at a parking service, low in priority."""
    unresolved: int = 0
    """Names that no name server could answer for: unknown, not absent."""
    junk: int = 0
    """Entries of a feed that hold no URL: binary data, overlong lines."""
    left: int = 0
    """Names that say nothing, left to the cheap look."""
    error: str = ""
    """Why the source failed, or could not be read to its end."""
    failed: bool = False
    """Nothing at all came of it."""
    lag: float | None = None
    """Seconds between what the source has and what was read of it, where it says so."""
    note: str = ""
    """What else is worth saying: unchanged, nothing configured."""


@dataclass(slots=True)
class RunTally:
    """All sources of one run."""

    sources: dict[str, SourceTally] = field(default_factory=dict)

    def of(self, source: str) -> SourceTally:
        """The counts of a source; made where there are none yet."""
        return self.sources.setdefault(source, SourceTally(source))

    def __iter__(self) -> Iterator[SourceTally]:
        return iter(self.sources.values())


def tally_table(tallies: Iterable[SourceTally]) -> Table:
    """One row a source."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("source", "found", "new", "owned", "seen", "dropped", "unresolved", "remarks"):
        table.add_column(name, justify="left" if name in {"source", "remarks"} else "right", overflow="fold")
    for tally in tallies:
        counts = (tally.found, tally.new, tally.owned, tally.seen, tally.dropped, tally.unresolved)
        said = one_line("; ".join(remarks(tally)), 2000)
        table.add_row(Text(one_line(tally.source, 200)), *map(str, counts), Text(said))
    return table


def remarks(tally: SourceTally) -> list[str]:
    """What the columns do not say, in words."""
    said = []
    if tally.error:
        said.append(f"{'FAILED' if tally.failed else 'INCOMPLETE'}: {tally.error}")
    if tally.note:
        said.append(tally.note)
    for count, one, many in (
        (tally.tried, "name tried", "names tried"),
        (tally.parked, "parked", "parked"),
        (tally.wildcard, "more in wildcard zones", "more in wildcard zones"),
        (tally.left, "name left to the cheap look", "names left to the cheap look"),
        (tally.junk, "entry without a URL", "entries without a URL"),
    ):
        if count:
            said.append(counted(count, one, many))
    return said
