"""Tabs: each is one page in a browser context of its own, opened paused, and closed together with all that it opened.

A context is what Chromium calls an off-the-record profile: it has its own cookies, storage and cache, and here its own proxy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from crawler.browser.cdp.pipe import DevToolsPipe
from crawler.browser.cdp.session import DevToolsSession, Event

ATTACH: Event = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
NOWHERE = "nowhere:"
"""First address of a page.  No browser knows the scheme, so nothing is loaded: ``about:blank`` would cost a document and all
that is done to each one, a seventh of the browser's time for an ordinary page."""
PAGES: Event = {**ATTACH, "filter": [{"type": "page"}]}
WORKERS: Event = {**ATTACH, "filter": [{"type": "worker"}]}
"""Service workers are blocked, and shared ones lie outside of any page."""


class BrowserTabs:
    """All tabs of one browser: each new page begins paused, and is closed before it runs unless we opened it."""

    def __init__(self, browser: DevToolsSession) -> None:
        self._browser = browser
        self._tabs: dict[str, BrowserTab] = {}
        """Tabs by context id."""
        self._by_session: dict[str, BrowserTab] = {}

    async def listen(self) -> None:
        """Ask the browser to announce its pages.

        Raises:
            DevToolsError: it refused.
        """
        self._browser.on("Target.attachedToTarget", self._on_attached)
        self._browser.on("Target.detachedFromTarget", self._on_detached)
        await self._browser.send("Target.setAutoAttach", PAGES)

    async def open(self, pipe: DevToolsPipe, *, proxy: str, bounds: Event) -> BrowserTab:
        """Open a paused page in a new context whose only way out is ``proxy``; ``bounds`` are those of its window.

        Raises:
            DevToolsError: the browser does not open it.
        """
        made = await self._browser.send(
            "Target.createBrowserContext",
            {"disposeOnDetach": True, "proxyServer": proxy, "proxyBypassList": "<-loopback>"},
        )
        tab = BrowserTab(self, pipe, str(made["browserContextId"]))
        self._tabs[tab.context] = tab
        try:
            self._browser.post("Browser.setDownloadBehavior", {"behavior": "deny", "browserContextId": tab.context})
            parameters = {"url": NOWHERE, "browserContextId": tab.context, **bounds}
            tab.target = str((await self._browser.send("Target.createTarget", parameters))["targetId"])
            tab.session = await tab.attached
        except BaseException:
            self._browser.post("Target.disposeBrowserContext", {"browserContextId": tab.context})
            self.forget(tab)
            raise
        return tab

    async def close(self, tab: BrowserTab) -> None:
        """Close page and context, and wait until the browser has.

        Raises:
            DevToolsError: the browser is gone.
        """
        try:
            await self._browser.send("Target.disposeBrowserContext", {"browserContextId": tab.context})
        finally:
            self.forget(tab)

    def forget(self, tab: BrowserTab) -> None:
        """Stop following a tab."""
        self._tabs.pop(tab.context, None)
        for identity in tab.sessions:
            self._by_session.pop(identity, None)
        tab.detach()

    def _on_attached(self, event: Event) -> None:
        info = event["targetInfo"]
        tab = self._tabs.get(str(info.get("browserContextId")))
        if tab is not None and not tab.attached.done():
            self._by_session[str(event["sessionId"])] = tab
            tab.attach(str(event["sessionId"]))
            return
        self._browser.post("Target.closeTarget", {"targetId": info["targetId"]})
        if tab is not None:
            tab.on_popup()

    def _on_detached(self, event: Event) -> None:
        tab = self._by_session.pop(str(event["sessionId"]), None)
        if tab is not None:
            tab.closed()


class BrowserTab:
    """One page with its workers."""

    def __init__(self, tabs: BrowserTabs, pipe: DevToolsPipe, context: str) -> None:
        self.context = context
        self.target = ""
        """Id of the page, and of its main frame."""
        self.session: DevToolsSession
        self.attached: asyncio.Future[DevToolsSession] = asyncio.get_running_loop().create_future()
        self.sessions: list[str] = []
        """Session ids: the page's own first, then those of its workers."""
        self.url = "about:blank"
        """Address of the main frame's document; ``chrome-error:`` where the browser shows an error page of its own."""
        self.on_popup: Callable[[], object] = lambda: None
        self.on_close: Callable[[], object] = lambda: None
        self.on_worker: Callable[[DevToolsSession], object] = lambda session: None
        """Called before the worker runs; commands posted to its session are executed first."""
        self._tabs = tabs
        self._pipe = pipe

    def attach(self, identity: str) -> None:
        """Handle the announcement of the page by the browser."""
        session = self._take(identity)
        session.on("Page.frameNavigated", self._on_navigated)
        session.on("Page.navigatedWithinDocument", self._on_moved)
        session.on("Target.attachedToTarget", self._on_worker)
        session.on("Target.detachedFromTarget", lambda event: self._drop(str(event["sessionId"])))
        self.attached.set_result(session)

    async def begin(self, *commands: asyncio.Future[Any] | asyncio.Task[Any]) -> None:
        """Let the page run; wait for it and for all ``commands``, which were sent before.

        Raises:
            DevToolsError: one was refused.
        """
        self.session.post("Target.setAutoAttach", WORKERS)
        enabled = asyncio.ensure_future(self.session.send("Page.enable"))
        running = asyncio.ensure_future(self.session.send("Runtime.runIfWaitingForDebugger"))
        await asyncio.gather(enabled, *commands, running)

    async def close(self) -> None:
        """Close page and context; see :meth:`BrowserTabs.close`."""
        await self._tabs.close(self)

    def workers(self) -> list[DevToolsSession]:
        """Return the sessions of the workers that run now."""
        return [self._pipe.session(identity) for identity in self.sessions[1:]]

    def closed(self) -> None:
        """Handle the end of the page."""
        self.on_close()
        for identity in tuple(self.sessions):
            self._drop(identity)

    def detach(self) -> None:
        """Remove all handlers and end all sessions."""
        self.on_popup = self.on_close = lambda: None
        self.on_worker = lambda session: None
        for identity in tuple(self.sessions):
            self._drop(identity)
        self.attached.cancel()

    def _take(self, identity: str) -> DevToolsSession:
        self.sessions.append(identity)
        return self._pipe.session(identity)

    def _drop(self, identity: str) -> None:
        with suppress(ValueError):
            self.sessions.remove(identity)
        self._pipe.drop(identity)

    def _on_navigated(self, event: Event) -> None:
        frame = event["frame"]
        if not frame.get("parentId"):
            self.url = str(frame["url"]) + str(frame.get("urlFragment") or "")

    def _on_moved(self, event: Event) -> None:
        if event["frameId"] == self.target:
            self.url = str(event["url"])

    def _on_worker(self, event: Event) -> None:
        session = self._take(str(event["sessionId"]))
        self.on_worker(session)
        session.post("Runtime.runIfWaitingForDebugger")
