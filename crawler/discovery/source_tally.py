"""Counts by source, collected while spiders run and shown in a table at the end."""

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
    """Names that were looked up in DNS; 0 for sources that only read."""
    planned: int = 0
    """Names that will have been looked up in DNS at the end, as far as is known yet."""
    found: int = 0
    """Candidates that the source reported."""
    new: int = 0
    """Candidates that were added to the backlog."""
    owned: int = 0
    """Candidates that were dropped because they belong to a brand."""
    seen: int = 0
    """Candidates that were known before, or listed twice; new reasons and brands were merged."""
    dropped: int = 0
    """Candidates that were dropped: not a URL, or an inconspicuous name from a source that reports every name."""
    wildcard: int = 0
    """Live names beyond the first of a wildcard zone, which show the same page."""
    parked: int = 0
    """Candidates at a parking service, which get a low priority."""
    unresolved: int = 0
    """Names that no name server answered for: unknown, not absent."""
    junk: int = 0
    """Entries of a feed that hold no URL: binary data, overlong lines."""
    left: int = 0
    """Inconspicuous names that were queued for a probe."""
    error: str = ""
    """Error that ended the source, or kept it from being read completely."""
    failed: bool = False
    """True where nothing could be read."""
    lag: float | None = None
    """Seconds by which reading is behind the source; None where that is unknown."""
    note: str = ""
    """Another remark for the table, such as that the source is unchanged or not configured."""


@dataclass(slots=True)
class RunTally:
    """Counts of all sources of one run."""

    sources: dict[str, SourceTally] = field(default_factory=dict)

    def of(self, source: str) -> SourceTally:
        """Return the counts of a source, created if needed."""
        return self.sources.setdefault(source, SourceTally(source))

    def __iter__(self) -> Iterator[SourceTally]:
        return iter(self.sources.values())


def tally_table(tallies: Iterable[SourceTally]) -> Table:
    """Return a table with one row per source."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("source", "found", "new", "owned", "seen", "dropped", "unresolved", "remarks"):
        table.add_column(name, justify="left" if name in {"source", "remarks"} else "right", overflow="fold")
    for tally in tallies:
        counts = (tally.found, tally.new, tally.owned, tally.seen, tally.dropped, tally.unresolved)
        said = one_line("; ".join(remarks(tally)), 2000)
        table.add_row(Text(one_line(tally.source, 200)), *map(str, counts), Text(said))
    return table


def remarks(tally: SourceTally) -> list[str]:
    """Return remarks on what the columns do not show."""
    said = []
    if tally.error:
        said.append(f"{'FAILED' if tally.failed else 'INCOMPLETE'}: {tally.error}")
    if tally.note:
        said.append(tally.note)
    for count, one, many in (
        (tally.tried, "name tried", "names tried"),
        (tally.parked, "parked", "parked"),
        (tally.wildcard, "more in wildcard zones", "more in wildcard zones"),
        (tally.left, "name to probe", "names to probe"),
        (tally.junk, "entry without a URL", "entries without a URL"),
    ):
        if count:
            said.append(counted(count, one, many))
    return said
