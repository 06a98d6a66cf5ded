"""Lets broken certificates pass, as many victims do, and remembers what was wrong with them.

Playwright's ``ignore_https_errors`` hides the reason.  The protocol's ``Security.certificateError`` asks for a decision on
each broken certificate and names the error; the answer here is always to go on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Error

from crawler.devtools import DevTools
from crawler.guard import endpoint

MAX_HOSTS = 200
_SENTENCES = {
    "ERR_CERT_AUTHORITY_INVALID": "no trusted authority vouches for the certificate",
    "ERR_CERT_COMMON_NAME_INVALID": "the certificate is for another name",
    "ERR_CERT_DATE_INVALID": "the certificate has expired or is not valid yet",
    "ERR_CERT_REVOKED": "the certificate was revoked",
    "ERR_CERT_WEAK_SIGNATURE_ALGORITHM": "the certificate is signed with a broken algorithm",
    "ERR_CERT_WEAK_KEY": "the certificate's key is too weak",
}


class Certificates:
    """Broken certificates of one page, by host and port."""

    def __init__(self, devtools: DevTools) -> None:
        self._devtools = devtools
        self._broken: dict[tuple[str, int], str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Decide on certificate errors from now on."""
        self._devtools.session.on("Security.certificateError", self._on_error)
        await self._devtools.send("Security.enable")
        await self._devtools.send("Security.setOverrideCertificateErrors", {"override": True})

    def problem_of(self, url: str) -> str:
        """What is wrong with the certificate behind ``url``, as a sentence; empty when nothing is."""
        where = endpoint(url)
        code = self._broken.get(where, "") if where else ""
        return f"{_SENTENCES.get(code, 'the certificate is not valid')} ({code})" if code else ""

    async def close(self) -> None:
        """End answers that are still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_error(self, event: dict[str, Any]) -> None:
        where = endpoint(str(event.get("requestURL", "")))
        if where is not None and len(self._broken) < MAX_HOSTS:
            self._broken[where] = str(event.get("errorType", ""))[:80]
        task = asyncio.create_task(self._go_on(int(event["eventId"])))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_on(self, event: int) -> None:
        with suppress(Error):
            await self._devtools.send("Security.handleCertificateError", {"eventId": event, "action": "continue"})
