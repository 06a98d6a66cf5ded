"""Holds every request of a page and its workers, in the browser, until somebody says whether it may leave."""

from __future__ import annotations

from collections.abc import Callable

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.pipe import DevToolsSession, Event
from crawler.browser.cdp.tab import BrowserTab

ALL: Event = {"patterns": [{"urlPattern": "*"}]}


class RequestHold:
    """Open until :meth:`guard` is called.  Workers that begin meanwhile are held to it from their first request on."""

    def __init__(self, devtools: DevTools, tab: BrowserTab) -> None:
        self._devtools = devtools
        self._tab = tab
        self._allows: Callable[[Event], bool] | None = None
        self.follow(tab.session)

    def follow(self, session: DevToolsSession) -> None:
        """Hold the requests of a target too; before it runs."""
        session.on("Fetch.requestPaused", lambda event: self._decide(session, event))
        if self._allows is not None:
            session.post("Fetch.enable", ALL)

    async def guard(self, allows: Callable[[Event], bool]) -> None:
        """From now on only what ``allows`` (given the parameters of ``Fetch.requestPaused``) may leave.

        Raises:
            DevToolsError: the page does not answer, or is gone.
        """
        self._allows = allows
        for session in self._tab.workers():
            session.post("Fetch.enable", ALL)
        await self._devtools.send("Fetch.enable", ALL)

    async def open(self) -> None:
        """Let everything pass again.

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
