"""The DevTools pipe of one browser, shared by our sessions and by Playwright, which started the browser.

Through Playwright each message of a page would be parsed and serialised three times.  Here our own messages are recognised by
their numbers and sessions, and parsed once, if there is a handler for them; all others are forwarded to Playwright unchanged.
Playwright is not told of targets: it would attach to every page of ours.

Protocol: https://chromedevtools.github.io/devtools-protocol/ in flat mode, each message ended by a NUL.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import structlog

log = structlog.get_logger(__name__)

Event = dict[str, Any]
FIRST_NUMBER = 1 << 30
"""First number of our messages; Chromium allows 31 bits, and Playwright counts from 1."""
_NUMBER = re.compile(rb'\{"id":(\d{1,10})[,}]')
_METHOD = re.compile(rb'\{"method":"([A-Za-z.]{1,100})"')
_SESSION = re.compile(rb'"sessionId":"([0-9A-F]{1,64})"\}$')
_TAIL = 90
"""Bytes at the end of a message that contain its session id, behind all text that a page could have written."""
_decode = msgspec.json.Decoder().decode


class DevToolsError(Exception):
    """The browser refused a command, or its page is gone."""


class DevToolsTimeoutError(DevToolsError):
    """The command was not answered in time."""


class DevToolsSession:
    """The session of one target (a page, a worker, the browser itself)."""

    def __init__(self, pipe: DevToolsPipe, identity: str) -> None:
        self.identity = identity
        self._pipe = pipe
        self._handlers: dict[str, list[Callable[[Event], object]]] = defaultdict(list)

    def on(self, event: str, handler: Callable[[Event], object]) -> None:
        """Call ``handler`` with the parameters of each such event; it must not wait, and its errors are logged."""
        self._handlers[event].append(handler)

    def has_handler(self, event: str) -> bool:
        """Tell whether there is a handler for the event."""
        return event in self._handlers

    def dispatch(self, event: str, parameters: Event) -> None:
        """Call the handlers of an event."""
        for handler in tuple(self._handlers.get(event, ())):
            try:
                handler(parameters)
            except Exception:
                log.exception("an event of the browser could not be handled", event_name=event)

    async def send(self, method: str, parameters: Event | None = None) -> dict[str, Any]:
        """Send one command and return its result.

        Raises:
            DevToolsError: the browser refused it, or the target is gone.
        """
        return await self._pipe.send(method, parameters, self.identity)

    def post(self, method: str, parameters: Event | None = None) -> None:
        """Send one command without waiting for its result."""
        self._pipe.post(method, parameters, self.identity)


class DevToolsPipe(asyncio.Protocol):
    """Both directions of the pipe: reads the browser's messages, and writes ours and Playwright's."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        """Set once the browser has closed its end: it has ended, or is about to."""
        self._numbers = count(FIRST_NUMBER)
        self._waiting: dict[int, tuple[asyncio.Future[dict[str, Any]], str]] = {}
        self._sessions: dict[str, DevToolsSession] = {}
        self._messages = _Messages()
        self._unsent: list[bytes] = []
        self._to_browser: asyncio.WriteTransport | None = None
        self._from_browser: asyncio.ReadTransport | None = None
        self._playwright: _Playwright | None = None

    @classmethod
    async def over(cls, descriptors: tuple[int, int, int, int]) -> DevToolsPipe:
        """Open the pipe over the descriptors that :mod:`crawler.browser.handover` sends; they are closed with it."""
        pipe = cls()
        to_browser, from_browser, from_playwright, to_playwright = (os.fdopen(one, "r+b", 0) for one in descriptors)
        loop = asyncio.get_running_loop()
        pipe._to_browser, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, to_browser)
        pipe._playwright = playwright = _Playwright(pipe)
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
        self.write(_encode(message))
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
            session.dispatch(name, _parse(message)["params"])

    def _take_answer(self, number: int, message: bytes) -> None:
        waiting = self._waiting.get(number)
        if waiting is None or waiting[0].done():
            return
        answer = _parse(message)
        if "error" in answer:
            error = answer["error"]
            waiting[0].set_exception(DevToolsError(f"{error.get('message', '')} {error.get('data', '')}".strip()))
        else:
            waiting[0].set_result(answer.get("result", {}))


class _Messages:
    """Splits a byte stream into messages: each ends with a NUL byte, and they come in pieces of any size."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def whole(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that ``data`` completes, without their NUL bytes."""
        first, *more = data.split(b"\0")
        self._begun.append(first)
        for part in more:
            message = b"".join(self._begun)
            self._begun = [part]
            yield message


class _Playwright(asyncio.Protocol):
    """Playwright's end of the pipe."""

    def __init__(self, pipe: DevToolsPipe) -> None:
        self.out: asyncio.WriteTransport | None = None
        self._pipe = pipe
        self._read: asyncio.ReadTransport | None = None
        self._messages = _Messages()

    def forward(self, message: bytes) -> None:
        """Send a message of the browser to Playwright."""
        if self.out is not None and not self.out.is_closing():
            self.out.write(message + b"\0")

    def close(self) -> None:
        for transport in (self._read, self.out):
            if transport is not None:
                transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.ReadTransport)
        self._read = transport

    def data_received(self, data: bytes) -> None:
        for message in self._messages.whole(data):
            if b'"Target.setAutoAttach"' in message and b'"sessionId"' not in message:
                self.forward(_encode({"id": _parse(message)["id"], "result": {}}))
            else:
                self._pipe.write(message)


def _encode(message: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError:  # a lone surrogate, which JSON can have and UTF-8 cannot
        return json.dumps(message).encode("ascii")


def _parse(message: bytes) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = _decode(message)
    except msgspec.DecodeError:  # lone surrogates again
        parsed = json.loads(message)
    return parsed
