"""Other users of the machine cannot use a capture's proxy, nor use up what its page may spend."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from crawler.net.guard import CaptureProxy, Guard
from tests.support.pages.proxy_client import ask, capture_proxy, connect, get
from tests.support.pages.sites import Site, answer, page, quick

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells the user of a connection"
)
NOBODY = 65534


@pytest.mark.parametrize("request_", [get, lambda url: connect(urlsplit(url).netloc), lambda url: "x", lambda url: ""])
async def test_a_connection_of_another_user_is_ended_unheard(request_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site({"/": answer(page("hello"))})
    async with site.serving(), capture_proxy(quick(max_requests=3)) as proxy:
        assert b"hello" in await ask(proxy, get(site.url("/")))
        before = proxy.ledger.requests, proxy.ledger.received
        with monkeypatch.context() as patched:
            patched.setattr(os, "geteuid", lambda: 4_000_000)  # so that this process is another user
            for _ in range(5):
                assert await ask(proxy, request_(site.url("/"))) == b""  # type: ignore[operator]
        assert (proxy.ledger.requests, proxy.ledger.received) == before
        assert (proxy.ledger.stopped, site.hits["/"]) == (None, 1)
        assert b"hello" in await ask(proxy, get(site.url("/")))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
@pytest.mark.parametrize("closed", [False, True], ids=["of a capture", "closed"])
async def test_a_real_other_user_is_refused(closed: bool) -> None:
    guard = Guard(quick())
    proxy: CaptureProxy = guard.closed_proxy() if closed else guard.capture_proxy()
    async with proxy:
        os.seteuid(NOBODY)
        try:
            guest = socket.socket()
        finally:
            os.seteuid(0)
        guest.setblocking(False)
        loop = asyncio.get_running_loop()
        with guest:
            await loop.sock_connect(guest, ("127.0.0.1", urlsplit(proxy.address).port))
            with suppress(ConnectionResetError):
                assert await loop.sock_recv(guest, 1) == b""
        assert proxy.ledger.requests == 0
