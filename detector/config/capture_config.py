"""The sections ``[capture]`` and ``[detect]``: how pages are captured and judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Literal

from detector.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class CaptureConfig:
    """Settings of captures."""

    slots: int = 4
    """Captures at the same time."""
    total_seconds: float = 30.0
    """Hard limit of one capture; the watchdog ends a capture that takes longer."""
    navigation_seconds: float = 15.0
    """Limit of loading the page, until its first document has arrived."""
    settle_seconds: float = 1.0
    """Pause after the page has loaded, for late scripts; shorter where the network is quiet."""
    viewport_width: int = 1280
    """Width of the browser window in CSS pixels, for the device ``desktop``."""
    viewport_height: int = 800
    """Height of the browser window in CSS pixels, for the device ``desktop``."""
    full_page_height: int = 8000
    """Pixels at which the picture of the full page is cut."""
    max_text: int = 200_000
    """Characters of visible text that are kept."""
    max_response_bytes: int = 20_000_000
    """Bytes of one response; a longer one is cut off."""
    max_total_bytes: int = 60_000_000
    """Bytes of all responses of one capture; a page that loads more is stopped."""
    max_requests: int = 600
    """Requests of one capture; a page that makes more is stopped."""
    max_redirects: int = 20
    """Redirects that one navigation may follow."""
    max_page_memory: int = 2_000_000_000
    """Bytes of memory that the process of one page may take; it is ended beyond that (Linux only)."""
    recycle_after: int = 200
    """Captures after which a browser process is replaced."""
    resolve: tuple[str, ...] = ()
    """Fixed addresses of hosts, ``HOST:PORT:ADDRESS`` as for curl's ``--resolve``; HOST may be ``*``."""
    nameservers: tuple[str, ...] = ()
    """Resolvers for the hosts that pages ask for, ``ADDRESS`` or ``ADDRESS:PORT``; empty: the system's."""
    allow_private: tuple[str, ...] = ()
    """CIDR blocks that pages may reach although they are not public; for tests and labs only."""
    profile: str = "desktop"
    """Profile of the first capture, ``DEVICE[-PLACE][@REFERRER]``; ``clonewatch profiles`` lists the parts."""
    profiles: tuple[str, ...] = ()
    """TOML files with more devices, places and referrers."""
    proxy: str | None = None
    """Upstream proxy that the capture proxy connects through, ``http://[USER:PASSWORD@]HOST:PORT`` or ``socks5://...``."""
    proxies: dict[str, str] = field(default_factory=dict)
    """Upstream proxies of places, instead of ``proxy``: ``de = "http://HOST:PORT"``; empty: none."""
    no_sandbox: bool = False
    """Start Chromium without its sandbox; only for containers that run as root."""
    second_looks: int = 1
    """Captures with other profiles where the first one shows nothing suspicious, 0 to 5."""
    max_clicks: int = 2
    """Harmless clicks ("Continue", "Sign in", "Accept cookies") to reach a form that is not shown at once, 0 to 5."""
    evidence: Literal["suspect", "all", "none"] = "suspect"
    """Captures that keep traffic, document and certificates: those of flagged and review verdicts, all, or none."""

    def __post_init__(self) -> None:
        for name in ("slots", "max_requests", "viewport_width", "viewport_height", "full_page_height", "recycle_after"):
            if getattr(self, name) < 1:
                raise ConfigError(f"capture.{name} must be at least 1")
        for name in ("second_looks", "max_clicks"):
            if not 0 <= getattr(self, name) <= 5:
                raise ConfigError(f"capture.{name} must be from 0 to 5")
        for name in ("total_seconds", "navigation_seconds"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"capture.{name} must be above 0")
        for block in self.allow_private:
            try:
                ip_network(block)
            except ValueError as error:
                raise ConfigError(
                    f"capture.allow_private: {block!r} is not a CIDR block ({error}); expected one such as 192.0.2.0/24"
                ) from error


@dataclass(frozen=True, kw_only=True)
class DetectConfig:
    """Settings of the judge."""

    flag_at: float = 0.8
    """Probability from which a page is flagged."""
    review_at: float = 0.35
    """Probability from which a page is sent to review; not above ``flag_at``."""
    max_pixels: int = 50_000_000
    """Pixels beyond which a picture is not decoded."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.review_at <= self.flag_at <= 1.0:
            raise ConfigError(
                f"detect.review_at ({self.review_at}) must not be above detect.flag_at ({self.flag_at}), both within 0 and 1"
            )
