"""Progress of the sources for a person: the counts so far, and how long the lookups still take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from rich.status import Status

from crawler.discovery.lookalike_plan import duration
from crawler.discovery.source_tally import SourceTally
from crawler.runtime.terminal import Console
from detector.present.legible import one_line
from detector.sentences import counted

FIRST_LINE, BETWEEN_LINES = 5, 30
"""Calls of :meth:`SourceProgress.tell`, one a second, between the lines that are printed where nothing can be redrawn."""


class SourceProgress:
    """Show what the sources have found so far: in a line that changes on a terminal, else in lines now and then."""

    def __init__(self, prefix: str = "", clock: Callable[[], float] = monotonic) -> None:
        """``clock``: seconds since any moment."""
        self._console = Console(stderr=True, highlight=False)
        self._prefix, self._clock = prefix, clock
        self._status: Status | None = None
        self._began = 0.0
        self._calls = 0

    def __enter__(self) -> SourceProgress:
        self._began = self._clock()
        if self._console.is_terminal:
            self._status = self._console.status("asking the sources")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def tell(self, tallies: Sequence[SourceTally]) -> None:
        """Show the counts so far; called once a second."""
        self._calls += 1
        said = one_line(self._prefix + progress_sentence(tallies, self._clock() - self._began), 500)
        if self._status is not None:
            self._status.update(said)
        elif self._calls == FIRST_LINE or self._calls % BETWEEN_LINES == 0:
            self._console.print(said, markup=False, soft_wrap=True)


def progress_sentence(tallies: Sequence[SourceTally], seconds: float) -> str:
    """Return the counts of all sources after ``seconds``: ``1,200 of 10,000 names looked up, about 25 s left; 24 found``."""
    tried, planned = sum(tally.tried for tally in tallies), sum(tally.planned for tally in tallies)
    found = f"{sum(tally.found for tally in tallies):,} found"
    if not planned:
        return f"asking {counted(len(tallies), 'source')}: {found}"
    left = f", about {duration((planned - tried) * seconds / tried)} left" if 0 < tried < planned else ""
    return f"{tried:,} of {planned:,} names looked up{left}; {found}"
