"""Playwright's end of the DevTools pipe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from crawler.browser.cdp.messages import MessageSplitter, encode, parse


class PlaywrightEnd(asyncio.Protocol):
    """Reads Playwright's commands and passes them on, except those by which it would follow our pages."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        """``write`` sends one message to the browser."""
        self.out: asyncio.WriteTransport | None = None
        self._write = write
        self._read: asyncio.ReadTransport | None = None
        self._messages = MessageSplitter()

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
                self.forward(encode({"id": parse(message)["id"], "result": {}}))
            else:
                self._write(message)
