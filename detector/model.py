"""The words of the house as frozen dataclasses; see docs/architecture for the flow between them.

All of them survive a round trip through JSON (``to_json``/``from_json``).  Coordinates are CSS pixels of the viewport's
screenshot, origin at the top left; times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")


def utcnow() -> datetime:
    """Now, in UTC and aware of it."""
    return datetime.now(UTC)


def to_json(value: object) -> bytes:
    """Encode any model object (or plain data that holds some) as compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def to_builtins(value: object) -> Any:
    """The same as plain dicts, lists and strings."""
    return msgspec.to_builtins(value)


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Decode what :func:`to_json` wrote.

    Raises:
        msgspec.ValidationError: ``data`` is no ``kind``; the message names the place.
    """
    return msgspec.json.decode(data, type=kind)


class Box(NamedTuple):
    """A rectangle ``[x, y, width, height]`` in CSS pixels; may lie partly or wholly outside the picture."""

    x: float
    y: float
    width: float
    height: float


NOWHERE = Box(0, 0, 0, 0)
"""Not shown on the page."""


# --- brands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logo:
    """One picture of a brand: an SVG or PNG file under ``logos/``."""

    path: str
    """Absolute path of the file."""
    kind: str = "mark"
    """``mark`` (symbol alone), ``wordmark`` (name as a picture) or ``tile`` (symbol on the brand's ground)."""
    theme: str = "any"
    """``light`` or ``dark`` ground that it is drawn for, else ``any``."""
    era: str = "current"
    """``current`` or ``historical``."""
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """A stored capture of one of the brand's own pages: ``pages/NAME.png`` with ``pages/NAME.json``."""

    name: str
    screenshot: str
    facts: str | None = None
    favicon: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """Who is impersonated, and what is theirs."""

    id: str
    """The folder's name: lower case, digits, hyphens."""
    name: str
    """Display name."""
    names: tuple[str, ...] = ()
    """All names that pages call it by, in every language it uses; holds ``name``."""
    domains: tuple[str, ...] = ()
    """Registrable domains that the owner runs (sign-in, mail, CDN hosts); sub-domains included implicitly."""
    signin_urls: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    """Official support numbers, E.164."""
    abuse_contact: str | None = None
    keywords: tuple[str, ...] = ()
    """Words that lookalike names combine with the brand's (``support``, ``wallet``...)."""
    family: str = ""
    """Id of the brand whose owner it belongs to (``icloud`` -> ``apple``); empty for its own."""
    answers_as: str = ""
    """Id that a verdict names in its place (a product reported as its maker: ``icloud`` -> ``apple``); empty for its own."""
    ambiguous: bool = False
    """The name is also an everyday word (``line``, ``chase``, ``target``): text alone proves nothing."""
    logos: tuple[Logo, ...] = ()
    pages: tuple[OfficialPage, ...] = ()
    folder: str = ""

    @property
    def answer(self) -> str:
        """The id that verdicts use."""
        return self.answers_as or self.id


# --- what is worth a look --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A URL worth a look."""

    url: str
    source: str
    """The spider's name, and the feed's where there is one: ``feeds:openphish``."""
    brands: tuple[str, ...] = ()
    """Ids of the brands it is suspected of; empty when nobody knows."""
    priority: float = 0.0
    """0 (whenever) to 1 (now)."""
    due: datetime = field(default_factory=utcnow)
    reasons: tuple[str, ...] = ()
    """Why, in short sentences."""


# --- what was seen -----------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """How a capture ended.  ``http_NNN`` (``http_404``) stands beside these for error statuses."""

    OK = "ok"
    BLANK = "blank"
    BAD_URL = "bad_url"
    BLOCKED_BY_GUARD = "blocked_by_guard"
    CAPTCHA = "captcha"
    CRASHED = "crashed"
    DNS_ERROR = "dns_error"
    DOWNLOAD = "download"
    FAILED = "failed"
    OVERSIZE = "oversize"
    PARKED = "parked"
    REDIRECT_LOOP = "redirect_loop"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS_ERROR = "tls_error"
    UNREADABLE = "unreadable"
    """`compare` only: the picture could not be decoded."""


def http_outcome(status: int) -> str:
    """``http_404`` for 404."""
    return f"http_{status}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of evidence, addressed by its content."""

    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ImageBox:
    """Where the page shows a picture: ``img``, ``svg``, ``canvas``, ``input`` or ``background``."""

    tag: str
    box: Box
    alt: str = ""
    src: str = ""


@dataclass(frozen=True, slots=True)
class InputField:
    """A form control that a visitor can see or fill in."""

    type: str
    name: str = ""
    placeholder: str = ""
    box: Box = NOWHERE
    autocomplete: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form posts: ``action`` is absolute."""

    action: str = ""
    method: str = "get"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the rendered page says of itself; the format of ``NAME.json`` beside a picture, unknown keys ignored."""

    title: str = ""
    text: str = ""
    """Visible text, bounded."""
    images: tuple[ImageBox, ...] = ()
    inputs: tuple[InputField, ...] = ()
    forms: tuple[Form, ...] = ()
    links: tuple[str, ...] = ()
    """Absolute targets of ``a[href]``."""
    icons: tuple[str, ...] = ()
    """Absolute addresses of favicons."""
    resources: tuple[str, ...] = ()
    """Absolute addresses of scripts, styles, fonts and frames."""
    url: str = ""
    """The page's own address; empty when unknown."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a redirect chain."""

    url: str
    status: int | None
    """HTTP status; None for a redirect made by script or ``meta refresh``."""
    address: str | None = None
    """The IP address that answered."""


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """One request of the page."""

    url: str
    method: str
    kind: str
    """``document``, ``script``, ``image``..., as the browser calls it."""
    status: int | None = None
    size: int | None = None
    failure: str | None = None
    """Why it did not go through; starts with ``guard:`` where the guard refused it."""


@dataclass(frozen=True, slots=True)
class TlsSummary:
    """The certificate that the page's own host showed."""

    protocol: str
    subject: str
    issuer: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    problem: str = ""
    """What a browser holds against the certificate, as a sentence; empty when it accepts it."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What one profile saw at one moment."""

    url: str
    outcome: str
    """An :class:`Outcome` or ``http_NNN``."""
    started: datetime = field(default_factory=utcnow)
    seconds: float = 0.0
    final_url: str = ""
    status: int | None = None
    profile: str = "desktop"
    redirects: tuple[Hop, ...] = ()
    """The steps that led on to ``final_url``, in order, without the final page itself."""
    screenshot: StoredFile | None = None
    """PNG of the viewport."""
    full_page: StoredFile | None = None
    """PNG of the page, height bounded."""
    favicon: StoredFile | None = None
    facts: PageFacts | None = None
    tls: TlsSummary | None = None
    network: tuple[NetworkEntry, ...] = ()
    note: str = ""
    """What went wrong, in a sentence."""
    browser: str = ""
    """Name and version of the browser."""
    address: str | None = None
    """The IP address that served the final page; ``redirects`` holds those of the steps before it."""


# --- what is concluded --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One signal's answer about one capture and one brand.

    Either ``measure`` (0 = nothing of the brand, 1 = beyond doubt) or ``abstained`` (why it could not look) is set, never both.
    """

    signal: str
    brand: str
    measure: float | None
    sentence: str
    abstained: str | None = None
    region: Box | None = None

    def __post_init__(self) -> None:
        if (self.measure is None) == (self.abstained is None):
            raise ValueError(f"finding of {self.signal}: exactly one of measure and abstained must be set")
        if self.measure is not None and not 0.0 <= self.measure <= 1.0:
            raise ValueError(f"finding of {self.signal}: measure {self.measure} is outside [0, 1]")


class Decision(StrEnum):
    """What a verdict says."""

    FLAGGED = "flagged"
    REVIEW = "review"
    CLEAR = "clear"
    OWNED = "owned"
    UNSEEN = "unseen"
    """Nothing could be looked at: never the same as clear."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one capture."""

    decision: Decision
    brand: str | None = None
    probability: float | None = None
    """Calibrated probability that the page impersonates ``brand``; None where nothing was seen."""
    findings: tuple[Finding, ...] = ()
    sentence: str = ""
    """The reason in one sentence."""
    judge: str = ""
    """Version of the judge and its table."""


class CaseState(StrEnum):
    """Life of a case."""

    NEW = "new"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    TAKEDOWN_REQUESTED = "takedown_requested"
    DOWN = "down"
    RELAPSED = "relapsed"


@dataclass(frozen=True, slots=True)
class Case:
    """One impersonating site over its life, with its latest capture and verdict."""

    id: int
    site: str
    """The host (and port where it is no default): one case a site and brand."""
    brand: str
    state: CaseState
    opened: datetime
    updated: datetime
    capture_id: int
    capture: Capture
    verdict: Verdict
    sources: tuple[str, ...] = ()
