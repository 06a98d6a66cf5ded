"""View models: frozen dataclasses of display-ready plain text for templates; no markup is made here."""

from __future__ import annotations

from dataclasses import dataclass

from detector.model import Box
from detector.present.pictures import ReportPicture


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding: ``number`` ties it to its box on the screenshot, 0 where it has none."""

    number: int
    signal: str
    brand: str
    sentence: str
    measure: float | None
    region: Box | None = None


@dataclass(frozen=True, slots=True)
class FindingGroups:
    """Findings as a reader wants them: for the suspicion, against it, silent, could not look, about other brands."""

    found: tuple[FindingView, ...]
    against: tuple[FindingView, ...]
    silent: tuple[FindingView, ...]
    abstained: tuple[FindingView, ...]
    others: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class LogoView:
    """A logo, and whether it is drawn for a dark ground."""

    picture: ReportPicture
    dark: bool


@dataclass(frozen=True, slots=True)
class OfficialView:
    """The brand's side: its stored page if there is one, else its logos; ``notes`` say what could not be shown."""

    id: str
    name: str
    known: bool
    page: ReportPicture | None = None
    page_name: str = ""
    page_url: str = ""
    logos: tuple[LogoView, ...] = ()
    domains: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HopView:
    """One step of the redirect chain."""

    url: str
    status: str
    address: str


@dataclass(frozen=True, slots=True)
class HostView:
    """All requests of the page to one host."""

    host: str
    requests: int
    size: str
    kinds: str
    refused: int
    failed: int
    role: str
    """``this site``, ``official`` or empty."""


@dataclass(frozen=True, slots=True)
class FormView:
    """A form and the address that it posts to."""

    action: str
    method: str
    elsewhere: bool
    """The target's host is not the page's."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of evidence."""

    role: str
    sha256: str
    media_type: str
    size: str


@dataclass(frozen=True, slots=True)
class LookView:
    """The view of one visitor."""

    visitor: str
    outcome: str
    title: str
    url: str
    picture: ReportPicture | None
    problem: str
    """The reason why there is no picture."""


@dataclass(frozen=True, slots=True)
class ClickView:
    """A click that was made, and where it led."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A captcha or challenge."""

    vendor: str
    site_key: str
    stands: str


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A telephone number, once however often the page shows it."""

    number: str
    raw: str
    region: str
    places: str
    official: str
    """Id of the brand whose own number it is; empty for anybody else's."""


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything of the suspect's page that is text."""

    title: str
    text: str
    text_total: int
    language: str
    inputs: tuple[str, ...]
    forms: tuple[FormView, ...]
    hops: tuple[HopView, ...]
    hosts: tuple[HostView, ...]
    hosts_more: int
    requests: int
    facts: tuple[tuple[str, str], ...]
    """Label and value, in order: times, outcome, profile, browser."""
    tls: tuple[tuple[str, str], ...]
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case.  ``live_url`` is the only string that is not defanged: it is copied, never shown or linked."""

    id: int
    site: str
    reads_as: str
    """An internationalised host in its Unicode form; empty for any other."""
    url: str
    live_url: str
    started_at: str
    """Defanged URL that was asked for, where the page ended elsewhere."""
    brand: str
    brand_name: str
    decision: str
    decision_label: str
    state: str
    state_label: str
    probability: float | None
    probability_text: str
    sentence: str
    judge: str
    title: str
    opened: str
    opened_stamp: int
    """Milliseconds since 1970."""
    updated: str
    sources: tuple[str, ...]
    screenshot: ReportPicture | None
    screenshot_problem: str
    findings: FindingGroups
    official: OfficialView
    page: PageView
    visitor: str
    cloaked: str
    looks: tuple[LookView, ...]
    clicks: tuple[ClickView, ...]
    before_clicks: ReportPicture | None
    challenge: ChallengeView | None
    phones: tuple[PhoneView, ...]


@dataclass(frozen=True, slots=True)
class CaseNeighbours:
    """Ids of the cases before and after in the list's order."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RowView:
    """A case in the list."""

    id: int
    site: str
    url: str
    title: str
    brand: str
    brand_name: str
    decision: str
    decision_label: str
    state: str
    state_label: str
    probability: float | None
    probability_text: str
    sentence: str
    opened: str
    opened_stamp: int
    thumb: str
    cloaked: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """The list page."""

    rows: tuple[RowView, ...]
    first: int
    """So many stand in the page itself; it draws the others when they are reached."""
    flagged: int
    review: int
    include_review: bool
    brands: tuple[tuple[str, str, int], ...]
    """Id, name and number of cases."""
    states: tuple[tuple[str, str, int], ...]
    decisions: tuple[tuple[str, str, int], ...]
    dismissed: int
    verdicts: tuple[tuple[str, int], ...]
    """Verdicts in words with their counts, most frequent first."""
    outcomes: tuple[tuple[str, int], ...]
    """The same by how the capture ended."""
    backlog: tuple[tuple[str, int], ...]
    """Candidates that are not done, by state in words, with their counts."""
    looked_at: int
    written: str
