"""Accept broken certificates, as many victims do, and record what is wrong with them.

The protocol's ``Security.certificateError`` asks for a decision on each broken certificate and names the error; the answer here
is always to continue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.net.guard import endpoint
from crawler.pages.text import clean
from detector.model import TlsSummary, utcnow

MAX_HOSTS = 200
_SENTENCES = {
    "ERR_CERT_AUTHORITY_INVALID": "no trusted authority vouches for the certificate",
    "ERR_CERT_COMMON_NAME_INVALID": "the certificate is for another name",
    "ERR_CERT_DATE_INVALID": "the certificate is out of date or not valid yet",
    "ERR_CERT_REVOKED": "the certificate was revoked",
    "ERR_CERT_WEAK_SIGNATURE_ALGORITHM": "the certificate is signed with a broken algorithm",
    "ERR_CERT_WEAK_KEY": "the certificate's key is too weak",
}


class BrokenCertificates:
    """Broken certificates of one page, by host and port."""

    def __init__(self, devtools: DevTools) -> None:
        self._devtools = devtools
        self._broken: dict[tuple[str, int], str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Accept certificate errors from now on."""
        self._devtools.session.on("Security.certificateError", self._on_error)
        await self._devtools.send("Security.enable")
        await self._devtools.send("Security.setOverrideCertificateErrors", {"override": True})

    def summary(self, url: str, details: Mapping[str, Any]) -> TlsSummary:
        """Summarise the browser's ``details`` of the answer from ``url``, with what is wrong with its certificate."""
        valid_from, valid_to = _when(details.get("validFrom")), _when(details.get("validTo"))
        return TlsSummary(
            protocol=details.get("protocol") or "",
            subject=clean(details.get("subjectName") or "")[:500],
            issuer=clean(details.get("issuer") or "")[:500],
            valid_from=valid_from,
            valid_to=valid_to,
            problem=self._problem_of(url, valid_to),
        )

    def _problem_of(self, url: str, valid_to: datetime | None) -> str:
        """Return what is wrong with the certificate behind ``url``, as a sentence; empty when nothing is."""
        where = endpoint(url)
        code = self._broken.get(where, "") if where else ""
        if not code:
            return ""
        # the browser names the worst error only: an unknown authority hides that the certificate has expired too
        expired = f", and it expired on {valid_to:%Y-%m-%d}" if valid_to is not None and valid_to < utcnow() else ""
        return f"{_SENTENCES.get(code, 'the certificate is not valid')}{expired} ({code})"

    async def close(self) -> None:
        """Cancel answers that are still under way."""
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
        with suppress(DevToolsError):
            await self._devtools.send("Security.handleCertificateError", {"eventId": event, "action": "continue"})


def _when(seconds: float | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
    except (OverflowError, OSError, ValueError):
        return None
