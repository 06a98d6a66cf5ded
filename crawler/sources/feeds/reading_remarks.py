"""Remarks on entries of a list that could not be read, or only after a repair: the first ones in words, the others counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.present.legible import one_line
from detector.sentences import counted

MOST_NAMED = 3
_LONGEST = 60


@dataclass(slots=True)
class ReadingRemarks:
    """Remarks on single entries of one list."""

    named: list[str] = field(default_factory=list)
    more: int = 0
    """Entries beyond those that are named."""
    left_out: int = 0
    """Entries that were not read: without an address, or with one that is in doubt."""

    def leave_out(self, place: str, entry: str, reason: str) -> None:
        """Remark on an entry that is not read, and count it."""
        self.left_out += 1
        self.add(place, entry, f"not read, {reason}")

    def add(self, place: str, entry: str, reason: str) -> None:
        """Remark on an entry at ``place`` (``line 7``); ``reason`` is a clause.  Of the entry the beginning is quoted."""
        if len(self.named) < MOST_NAMED:
            shown = one_line(entry.strip(), _LONGEST)
            self.named.append(f"{place}, {shown!r}: {reason}" if shown else f"{place}: {reason}")
        else:
            self.more += 1

    def sentence(self) -> str:
        """Return all remarks as a clause; empty where there are none."""
        more = [f"{counted(self.more, 'more entry', 'more entries')} like these"] if self.more else []
        return "; ".join([*self.named, *more])
