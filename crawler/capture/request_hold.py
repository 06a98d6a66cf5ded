"""Hold requests of a page and its workers in the browser until it is decided whether they may be sent."""

from __future__ import annotations

from collections.abc import Callable

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsSession, Event
from crawler.browser.cdp.tab import BrowserTab

ALL: Event = {"patterns": [{"urlPattern": "*"}]}


class RequestHold:
    """Holds nothing until :meth:`guard` is called; then also the requests of workers that start later, from the first one on."""

    def __init__(self, devtools: DevTools, tab: BrowserTab) -> None:
        self._devtools = devtools
        self._tab = tab
        self._allows: Callable[[Event], bool] | None = None
        self.follow(tab.session)

    def follow(self, session: DevToolsSession) -> None:
        """Also hold the requests of another target; call it before that runs."""
        session.on("Fetch.requestPaused", lambda event: self._decide(session, event))
        if self._allows is not None:
            session.post("Fetch.enable", ALL)

    async def guard(self, allows: Callable[[Event], bool]) -> None:
        """Send only requests that ``allows`` accepts from now on; it is given the parameters of ``Fetch.requestPaused``.

        Raises:
            DevToolsError: the page does not answer, or is gone.
        """
        self._allows = allows
        for session in self._tab.workers():
            session.post("Fetch.enable", ALL)
        await self._devtools.send("Fetch.enable", ALL)

    async def open(self) -> None:
        """Send all requests again without a check.

        Raises:
            DevToolsError: the page does not answer, or is gone.
        """
        self._allows = None
        for session in self._tab.workers():
            session.post("Fetch.disable")
        await self._devtools.send("Fetch.disable")

    def _decide(self, session: DevToolsSession, event: Event) -> None:
        request = {"requestId": event["requestId"]}
        if self._allows is None or self._allows(event):
            session.post("Fetch.continueRequest", request)
        else:
            session.post("Fetch.failRequest", {**request, "errorReason": "BlockedByClient"})
