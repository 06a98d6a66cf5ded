"""What one profile saw at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from detector.model.files import StoredFile
from detector.model.json import utcnow
from detector.model.page import NOWHERE, Box, PageFacts
from detector.model.phone import Phone
from detector.model.traffic import DnsAnswer, NetworkEntry, RedirectHop, Registration, TlsSummary


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
    PROXY_ERROR = "proxy_error"
    """The capture's own proxy is to blame: nothing is known of the site."""
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
class Challenge:
    """A wall that asks whether the visitor is human.  Recorded, never solved."""

    vendor: str
    """``turnstile``, ``recaptcha``, ``hcaptcha``, ... or ``custom``."""
    site_key: str = ""
    """The key that the page hands to the vendor: the same on all pages of one operator."""
    blocking: bool = True
    """Whether it stands in place of the page; False: a widget inside a form that can be seen."""


@dataclass(frozen=True, slots=True)
class Click:
    """One harmless click ("Continue", "Sign in", "Accept cookies") that was made to reach a form."""

    label: str
    box: Box = NOWHERE
    url: str = ""
    """Where the page stood afterwards."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a capture keeps beyond its pictures, once it is suspicious; None where there is none of it."""

    dom: StoredFile | None = None
    """The rendered document, serialised."""
    warc: StoredFile | None = None
    """All traffic (ISO 28500), gzipped a record at a time."""
    har: StoredFile | None = None
    certificates: StoredFile | None = None
    """PEM of the chain that the page's own host showed, its own first."""


PICTURE_ROLES = ("screenshot", "full_page", "before_clicks", "favicon")
BUNDLE_ROLES = ("dom", "warc", "har", "certificates")


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
    redirects: tuple[RedirectHop, ...] = ()
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
    """What other profiles saw at the same address; they have no others of their own."""
    cloaked: str = ""
    """How the profiles' pages differ, in a sentence; empty where they do not."""
    registration: Registration | None = None
    """When the name of the final page was registered; None where nobody was asked, or nobody knew."""

    @property
    def views(self) -> tuple[Capture, ...]:
        """What every profile saw: this capture, then ``others``."""
        return self, *self.others

    def files(self) -> Iterator[tuple[str, StoredFile]]:
        """Roles (names of fields) and files of evidence of this profile's view: pictures first, then the bundle's."""
        for holder, roles in ((self, PICTURE_ROLES), (self.bundle, BUNDLE_ROLES)):
            for role in roles:
                stored = getattr(holder, role, None)
                if stored is not None:
                    yield role, stored
