"""The sight of a page: an immutable record of everything that was seen of it, and the latest one of a visit in progress."""

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
    http_outcome,
    utcnow,
)
from detector.program import program_name

MAX_NOTES = 8


@dataclass(frozen=True, slots=True)
class PageSight:
    """All that one visit, or one look at its page, has seen; becomes a :class:`Capture`."""

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
    pictured_early: bool = False
    """The screenshot is of the page while it was still loading: there was no later chance."""
    blank: bool = False
    """The screenshot has one colour, and the page neither text nor pictures."""
    full_page: StoredFile | None = None
    favicon: StoredFile | None = None
    facts: PageFacts | None = None
    unread: bool = False
    """The page's facts could not be read in time."""
    pressure: Pressure = NO_PRESSURE
    """Also known where the page was terminated and its facts could not be read."""
    tls: TlsSummary | None = None
    network: tuple[NetworkEntry, ...] = ()
    challenge: Challenge | None = None
    clicks: tuple[Click, ...] = ()
    before_clicks: StoredFile | None = None
    dns: tuple[DnsAnswer, ...] = ()
    before: tuple[Capture, ...] = ()
    """The same page at other moments of the visit: before the first click where clicks led to a form, before or after time had
    passed and the page had been scrolled."""
    recording: Recording = field(default_factory=Recording)
    notes: tuple[str, ...] = ()
    browser: str = ""
    settled: bool = False
    """Clicks or gestures have begun: nothing that the page does from now on changes this sight."""

    def elapsed(self) -> float:
        """Return the seconds since the first try began."""
        return time.monotonic() - self.clock

    @property
    def shows_page(self) -> bool:
        """There is a picture of the page, and its facts."""
        return self.screenshot is not None and self.facts is not None

    def noted(self, sentence: str) -> PageSight:
        """Return the same sight with one more sentence, unless it has that, or :data:`MAX_NOTES` of them."""
        if not sentence or sentence in self.notes or len(self.notes) >= MAX_NOTES:
            return self
        return replace(self, notes=(*self.notes, clean(sentence)))

    def concluded(self, outcome: str, sentence: str = "") -> PageSight:
        """Return the same sight with an outcome; one that has an outcome already keeps it."""
        return self if self.outcome else replace(self, outcome=outcome).noted(sentence)

    def as_seen(self) -> str:
        """Return the outcome of a page that was seen, whatever happens to it later."""
        if self.status is not None and self.status >= 400:
            return http_outcome(self.status)
        return Outcome.BLANK if self.blank else Outcome.OK

    def begun_again(self) -> PageSight:
        """Return the empty sight of another look at the same address, which began when this one did."""
        return PageSight(self.url, self.profile, started=self.started, clock=self.clock)

    def as_capture(self) -> Capture:
        """Return the capture, with the seconds that it took until now."""
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


def merge(first: PageSight, later: PageSight) -> PageSight:
    """Join the sight of a page before clicks and the ``later`` one of the form that they led to.

    The form's pictures, facts and TLS summary take the place of the first ones, and the first sight becomes one of those seen
    ``before``; a ``later`` sight that does not show a page changes nothing.
    """
    return replace(overtaken(first, later), before_clicks=first.screenshot) if later.shows_page else first


def overtaken(first: PageSight, later: PageSight) -> PageSight:
    """Return the sight in which the page as seen ``later`` has taken the place of the ``first`` one, which stays in ``before``."""
    return replace(
        first,
        settled=False,
        before=(*first.before, first.concluded(first.as_seen()).as_capture()),
        screenshot=later.screenshot,
        blank=later.blank,
        full_page=later.full_page or first.full_page,
        favicon=later.favicon or first.favicon,
        facts=later.facts,
        tls=later.tls or first.tls,
    )


class SightSoFar:
    """Holds the latest sight of a visit in progress: what was seen until then is kept when the page dies half-way."""

    def __init__(self, sight: PageSight) -> None:
        self.sight = sight

    def note(self, sentence: str) -> None:
        """Add a sentence, once."""
        self.sight = self.sight.noted(sentence)

    def conclude(self, outcome: str, sentence: str = "") -> None:
        """Set the outcome; the first one stays."""
        self.sight = self.sight.concluded(outcome, sentence)
