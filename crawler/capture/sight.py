"""What has been seen of a page so far: filled as it comes, so that a page which dies half-way still leaves what it showed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.capture.record.recording import Recording
from crawler.pages.text import clean
from detector.model import (
    NO_PRESSURE,
    Capture,
    Challenge,
    Click,
    DnsAnswer,
    NetworkEntry,
    Outcome,
    PageFacts,
    Pressure,
    RedirectHop,
    StoredFile,
    TlsSummary,
    utcnow,
)
from detector.program import program_name

MAX_NOTES = 8


@dataclass(slots=True)
class PageSight:
    """What has been seen so far; becomes a :class:`Capture`."""

    url: str
    profile: str
    outcome: str = ""
    started: datetime = field(default_factory=utcnow)
    clock: float = field(default_factory=time.monotonic)
    final_url: str = ""
    status: int | None = None
    address: str | None = None
    redirects: tuple[RedirectHop, ...] = ()
    screenshot: StoredFile | None = None
    glanced: bool = False
    """The screenshot is of the page while it was still loading: there was no later chance."""
    blank: bool = False
    """The screenshot has one colour, and the page neither text nor pictures."""
    full_page: StoredFile | None = None
    favicon: StoredFile | None = None
    facts: PageFacts | None = None
    unread: bool = False
    """The page's facts could not be read in time."""
    pressure: Pressure = NO_PRESSURE
    """Known too where the page was terminated and its facts could not be read."""
    tls: TlsSummary | None = None
    network: tuple[NetworkEntry, ...] = ()
    challenge: Challenge | None = None
    clicks: tuple[Click, ...] = ()
    before_clicks: StoredFile | None = None
    dns: tuple[DnsAnswer, ...] = ()
    before: Capture | None = None
    """What was seen before the first click, where clicks led to a form."""
    recording: Recording = field(default_factory=Recording)
    notes: list[str] = field(default_factory=list)
    browser: str = ""

    def elapsed(self) -> float:
        """Seconds since the first try began."""
        return time.monotonic() - self.clock

    def note(self, sentence: str) -> None:
        """Add a sentence, once."""
        if sentence and sentence not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(clean(sentence))

    def conclude(self, outcome: str, sentence: str = "") -> None:
        """Say how it ended; the first conclusion stays."""
        if not self.outcome:
            self.outcome = outcome
            self.note(sentence)

    def freeze(self) -> Capture:
        """The capture, with the seconds that it took until now."""
        return Capture(
            url=self.url,
            outcome=self.outcome or Outcome.FAILED,
            started=self.started,
            seconds=round(self.elapsed(), 3),
            final_url=clean(self.final_url),
            status=self.status,
            profile=self.profile,
            redirects=self.redirects,
            screenshot=self.screenshot,
            full_page=self.full_page,
            favicon=self.favicon,
            facts=self._facts(),
            tls=self.tls,
            network=self.network,
            note="; ".join(self.notes),
            browser=self.browser,
            address=self.address,
            challenge=self.challenge,
            clicks=self.clicks,
            before_clicks=self.before_clicks,
            dns=self.dns,
            program=program_name(),
        )

    def _facts(self) -> PageFacts | None:
        if self.facts is not None:
            return replace(self.facts, pressure=self.pressure)
        if self.screenshot is not None and (self.unread or self.pressure != NO_PRESSURE):
            facts = PageFacts(url=clean(self.final_url), pressure=self.pressure)
            return facts.reaching("time") if self.unread else facts
        return None
