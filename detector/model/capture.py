"""Captures: what one profile saw of a page at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from detector.model.files import StoredFile
from detector.model.json import utcnow
from detector.model.page import NOWHERE, Box, PageFacts
from detector.model.phone import Phone
from detector.model.traffic import DnsAnswer, Hosting, NetworkEntry, RedirectHop, Registration, TlsSummary


class Outcome(StrEnum):
    """Outcome of a capture.  Error statuses have outcomes of their own, ``http_NNN`` (``http_404``)."""

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
    PROXY_ERROR = "proxy_error"
    """The proxy of the capture failed: nothing is known of the site."""
    REDIRECT_LOOP = "redirect_loop"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS_ERROR = "tls_error"
    UNREADABLE = "unreadable"
    """The picture could not be decoded; used by the command ``compare`` only."""


def http_outcome(status: int) -> str:
    """Name the outcome for an error status: ``http_404`` for 404."""
    return f"http_{status}"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A captcha or similar test that the page set its visitor.  Recorded, never solved."""

    vendor: str
    """``turnstile``, ``recaptcha``, ``hcaptcha``, ... or ``custom``."""
    site_key: str = ""
    """The key that the page gives to the vendor, the same on all pages of one operator."""
    blocking: bool = True
    """True where it replaces the page; False for a widget in a form that can be seen."""


@dataclass(frozen=True, slots=True)
class Click:
    """One harmless click ("Continue", "Sign in", "Accept cookies") that was made to reach a form."""

    label: str
    box: Box = NOWHERE
    url: str = ""
    """Address of the page afterwards."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that a suspicious capture keeps beside its pictures; None for those that do not exist."""

    dom: StoredFile | None = None
    """The rendered document, serialised."""
    warc: StoredFile | None = None
    """All traffic (ISO 28500), gzipped a record at a time."""
    har: StoredFile | None = None
    certificates: StoredFile | None = None
    """Certificate chain of the page's host as PEM, the host's own certificate first."""


PICTURE_ROLES = ("screenshot", "full_page", "before_clicks", "favicon")
BUNDLE_ROLES = ("dom", "warc", "har", "certificates")


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture: a page as one profile saw it at one moment."""

    url: str
    outcome: str
    """An :class:`Outcome` or ``http_NNN``."""
    started: datetime = field(default_factory=utcnow)
    seconds: float = 0.0
    final_url: str = ""
    status: int | None = None
    profile: str = "desktop"
    redirects: tuple[RedirectHop, ...] = ()
    """The redirect chain to ``final_url``, in order, without the final page."""
    screenshot: StoredFile | None = None
    """PNG of the viewport."""
    full_page: StoredFile | None = None
    """PNG of the whole page, up to a maximum height."""
    favicon: StoredFile | None = None
    facts: PageFacts | None = None
    tls: TlsSummary | None = None
    network: tuple[NetworkEntry, ...] = ()
    note: str = ""
    """Description of what went wrong, in a sentence."""
    browser: str = ""
    """Name and version of the browser."""
    address: str | None = None
    """The IP address that served the final page; ``redirects`` holds those of the steps before it."""
    challenge: Challenge | None = None
    clicks: tuple[Click, ...] = ()
    before_clicks: StoredFile | None = None
    """PNG of the viewport as it was before the first click."""
    dns: tuple[DnsAnswer, ...] = ()
    phones: tuple[Phone, ...] = ()
    bundle: Bundle | None = None
    program: str = ""
    """Name and version of the program that took the capture."""
    others: tuple[Capture, ...] = ()
    """Captures by other profiles at the same address; their own ``others`` are empty."""
    cloaked: str = ""
    """Difference between the profiles' pages (cloaking), in a sentence; empty where there is none."""
    registration: Registration | None = None
    """Registration of the final page's domain; None where no registry was asked, or none answered."""
    hosting: Hosting | None = None
    """Network and AS of ``address``; None where nobody was asked, or nobody answered."""

    @property
    def views(self) -> tuple[Capture, ...]:
        """All profiles' views: this capture, then ``others``."""
        return self, *self.others

    def files(self) -> Iterator[tuple[str, StoredFile]]:
        """Roles (names of fields) and files of evidence of this profile's view: pictures first, then the bundle's."""
        for holder, roles in ((self, PICTURE_ROLES), (self.bundle, BUNDLE_ROLES)):
            for role in roles:
                stored = getattr(holder, role, None)
                if stored is not None:
                    yield role, stored
