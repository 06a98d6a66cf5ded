"""Start a browser with Playwright and take over its DevTools pipe, which :mod:`crawler.browser.handover` sends."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Playwright

from crawler.browser import handover
from crawler.browser.cdp.pipe import DevToolsPipe

STAND_IN = Path(handover.__file__).with_suffix("")
_LONGEST = 90
"""Characters of a socket's path: the system allows about a hundred."""


async def launch(playwright: Playwright, program: Path, folder: Path, **options: Any) -> tuple[Browser, DevToolsPipe]:
    """Start a browser and return it with its pipe.

    Only this user may enter ``folder``; ``options`` are those of Playwright's ``launch``.

    Raises:
        Exception: it does not start; the error is Playwright's.
    """
    address = folder / "handover"
    with socket.socket(socket.AF_UNIX) as listener:
        _bind(listener, address)
        listener.setblocking(False)
        environment = {
            **options.pop("env", {}),
            handover.SOCKET: str(address),
            handover.PROGRAM: str(program),
            handover.PYTHON: sys.executable,
        }
        starting = asyncio.ensure_future(
            playwright.chromium.launch(executable_path=STAND_IN, env=environment, **options)
        )
        taking = asyncio.create_task(_take_over(listener))
        try:
            await asyncio.wait((starting, taking), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
            pipe = await taking
        except BaseException:
            for task in (starting, taking):
                task.cancel()
            await asyncio.gather(starting, taking, return_exceptions=True)
            raise
    try:
        return await starting, pipe
    except BaseException:
        pipe.close()
        raise


def _bind(listener: socket.socket, address: Path) -> None:
    if len(os.fsencode(address)) <= _LONGEST:
        listener.bind(str(address))
    else:
        folder = os.open(address.parent, os.O_RDONLY)
        try:
            listener.bind(f"/proc/self/fd/{folder}/{address.name}")
        finally:
            os.close(folder)
    listener.listen(1)


async def _take_over(listener: socket.socket) -> DevToolsPipe:
    loop = asyncio.get_running_loop()
    connection, _ = await loop.sock_accept(listener)
    with connection:
        connection.setblocking(False)
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(connection, lambda: None if ready.done() else ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(connection)
        _, descriptors, _, _ = socket.recv_fds(connection, 16, 4)
    orders, answers, says, hears = descriptors
    return await DevToolsPipe.over((orders, answers, says, hears))
