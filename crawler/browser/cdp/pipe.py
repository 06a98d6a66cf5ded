"""The DevTools pipe of one browser, shared by our sessions and by Playwright, which started the browser.

Through Playwright each message of a page would be parsed and serialised three times.  Here our own messages are recognised by
their numbers and sessions, and parsed once, if there is a handler for them; all others are forwarded to Playwright unchanged.
Playwright is not told of targets: it would attach to every page of ours.

Protocol: https://chromedevtools.github.io/devtools-protocol/ in flat mode, each message ended by a NUL.
"""

from __future__ import annotations

import asyncio
import os
import re
from itertools import count
from typing import Any

import structlog

from crawler.browser.cdp.messages import MessageSplitter, encode, parse
from crawler.browser.cdp.playwright_end import PlaywrightEnd
from crawler.browser.cdp.session import DevToolsError, DevToolsSession, Event

log = structlog.get_logger(__name__)

FIRST_NUMBER = 1 << 30
"""First number of our messages; Chromium allows 31 bits, and Playwright counts from 1."""
_NUMBER = re.compile(rb'\{"id":(\d{1,10})[,}]')
_METHOD = re.compile(rb'\{"method":"([A-Za-z.]{1,100})"')
_SESSION = re.compile(rb'"sessionId":"([0-9A-F]{1,64})"\}$')
_TAIL = 90
"""Bytes at the end of a message that contain its session id, behind all text that a page could have written."""


class DevToolsPipe(asyncio.Protocol):
    """Both directions of the pipe: reads the browser's messages, and writes ours and Playwright's."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        """Set once the browser has closed its end: it has ended, or is about to."""
        self._numbers = count(FIRST_NUMBER)
        self._waiting: dict[int, tuple[asyncio.Future[dict[str, Any]], str]] = {}
        self._sessions: dict[str, DevToolsSession] = {}
        self._messages = MessageSplitter()
        self._unsent: list[bytes] = []
        self._to_browser: asyncio.WriteTransport | None = None
        self._from_browser: asyncio.ReadTransport | None = None
        self._playwright: PlaywrightEnd | None = None

    @classmethod
    async def over(cls, descriptors: tuple[int, int, int, int]) -> DevToolsPipe:
        """Open the pipe over the descriptors that :mod:`crawler.browser.handover` sends; they are closed with it."""
        pipe = cls()
        to_browser, from_browser, from_playwright, to_playwright = (os.fdopen(one, "r+b", 0) for one in descriptors)
        loop = asyncio.get_running_loop()
        pipe._to_browser, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, to_browser)
        pipe._playwright = playwright = PlaywrightEnd(pipe.write)
        playwright.out, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, to_playwright)
        await loop.connect_read_pipe(lambda: pipe, from_browser)
        await loop.connect_read_pipe(lambda: playwright, from_playwright)
        return pipe

    # --- sessions ------------------------------------------------------------------------------------------------

    def session(self, identity: str) -> DevToolsSession:
        """Return the session of that id; its events are dispatched from now on."""
        return self._sessions.setdefault(identity, DevToolsSession(self, identity))

    def drop(self, identity: str) -> None:
        """End a session; commands that still wait for an answer fail."""
        self._sessions.pop(identity, None)
        for number, (future, session) in list(self._waiting.items()):
            if session == identity:
                self._fail(number, future, "the page is gone")

    async def send(self, method: str, parameters: Event | None = None, session: str = "") -> dict[str, Any]:
        """Send one command and return its result; without ``session`` it goes to the browser itself.

        Raises:
            DevToolsError: the browser refused it, or is gone.
        """
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        if self.gone.is_set():
            raise DevToolsError(f"{method}: the browser is gone")
        number = self.post(method, parameters, session)
        self._waiting[number] = (future, session)
        try:
            return await future
        except DevToolsError as error:
            raise type(error)(f"{method}: {error}") from None
        finally:
            self._waiting.pop(number, None)

    def post(self, method: str, parameters: Event | None = None, session: str = "") -> int:
        """Write one command and return its number."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        self.write(encode(message))
        return number

    def write(self, message: bytes) -> None:
        """Write one message, unless the browser is gone; those of one turn of the event loop are written together."""
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent += (message, b"\0")

    def _flush(self) -> None:
        data, self._unsent = b"".join(self._unsent), []
        if self._to_browser is not None and not self._to_browser.is_closing():
            self._to_browser.write(data)

    def close(self) -> None:
        """Close both directions; a browser that still runs ends because of it."""
        self.gone.set()
        for transport in (self._to_browser, self._from_browser):
            if transport is not None:
                transport.close()
        if self._playwright is not None:
            self._playwright.close()
        for number, (future, _) in list(self._waiting.items()):
            self._fail(number, future, "the browser is gone")
        self._sessions.clear()

    def _fail(self, number: int, future: asyncio.Future[dict[str, Any]], why: str) -> None:
        self._waiting.pop(number, None)
        if not future.done():
            future.set_exception(DevToolsError(why))

    # --- messages of the browser -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.ReadTransport)
        self._from_browser = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()

    def data_received(self, data: bytes) -> None:
        for message in self._messages.whole(data):
            self._take(message)

    def _take(self, message: bytes) -> None:
        answer = _NUMBER.match(message)
        if answer is not None:
            number = int(answer[1])
            if number >= FIRST_NUMBER:
                self._take_answer(number, message)
            elif self._playwright is not None:
                self._playwright.forward(message)
            return
        found = _SESSION.search(message, max(0, len(message) - _TAIL))
        session = self._sessions.get(found[1].decode()) if found else None
        if session is None:
            if self._playwright is not None and not found:
                self._playwright.forward(message)
            return
        method = _METHOD.match(message)
        name = method[1].decode() if method else ""
        if session.has_handler(name):
            session.dispatch(name, parse(message)["params"])

    def _take_answer(self, number: int, message: bytes) -> None:
        waiting = self._waiting.get(number)
        if waiting is None or waiting[0].done():
            return
        answer = parse(message)
        if "error" in answer:
            error = answer["error"]
            waiting[0].set_exception(DevToolsError(f"{error.get('message', '')} {error.get('data', '')}".strip()))
        else:
            waiting[0].set_result(answer.get("result", {}))
