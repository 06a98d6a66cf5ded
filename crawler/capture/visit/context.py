"""The context that all parts of one visit share."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.tab import BrowserTab
from crawler.capture.events.page_events import PageEvents
from crawler.capture.profiles import Profile
from crawler.net.guard import CaptureProxy
from detector.config import CaptureConfig
from detector.evidence import Evidence


@dataclass(frozen=True, slots=True)
class VisitContext:
    """The tab of one visit, its visitor, its proxy, and where pictures are stored."""

    tab: BrowserTab
    devtools: DevTools
    profile: Profile
    version: str
    """The browser's version."""
    proxy: CaptureProxy
    config: CaptureConfig
    evidence: Evidence
    events: PageEvents

    def shows_browser_error(self) -> bool:
        """Tell whether the browser shows an error page of its own, because nothing came from where the page led."""
        return self.tab.url.startswith("chrome-error:")
