"""Count what a page does to hold, hurry or frighten its visitor, as ``page_pressure.js`` reports it from every frame.

The reports come through a binding of the DevTools protocol (``Runtime.addBinding``): a native function under a random
name, which ``page_pressure.js`` takes and deletes before the page's own scripts run.  They come as things happen, so they are
known too when the page is terminated, crashes, or navigates away; what a page did before it navigated counts as well.

Frames in the page's own process are included, also those of other origins (the headless shell has no site isolation).  A
frame with a process of its own has no binding: its calls are capped but not counted, like those of workers.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from dataclasses import fields
from typing import Any

from crawler.browser.cdp.commands import DevTools
from detector.model import NO_PRESSURE, Pressure

MARKS = frozenset(field.name for field in fields(Pressure))
LIMIT = 1_000_000_000
"""Limit of a count, and of what one report may add."""
_REPORT = re.compile(r"([a-z_]{1,20}) ([0-9]{1,10})")


class PressureGauge:
    """The counters of one page."""

    def __init__(self) -> None:
        # like a minifier's names: should a page ever see it, it gives nothing away
        self.channel = "_" + secrets.token_hex(6)
        """Name of the binding that ``page_pressure.js`` takes."""
        self._counts: Counter[str] = Counter()

    async def listen(self, devtools: DevTools) -> None:
        """Count from the page's next document on, in which ``page_pressure.js`` must run.

        Raises:
            DevToolsError: the browser refused.
        """
        devtools.session.on("Runtime.bindingCalled", self._on_report)
        await asyncio.gather(
            # new documents get a binding only while the domain is enabled
            devtools.send("Runtime.enable"),
            devtools.send("Runtime.addBinding", {"name": self.channel}),
        )

    def read(self, seen: Pressure = NO_PRESSURE) -> Pressure:
        """Return what was counted so far plus what is ``seen`` in the current document (``autoplay`` makes no call).

        Exact up to 16 a document, from there on at most an eighth too low.
        """
        return Pressure(**{mark: self._counts[mark] + getattr(seen, mark) for mark in MARKS})

    def _on_report(self, event: dict[str, Any]) -> None:
        if event.get("name") != self.channel:
            return
        report = _REPORT.fullmatch(str(event.get("payload", ""))[:40])
        if report is not None and report[1] in MARKS:
            self._counts[report[1]] = min(self._counts[report[1]] + int(report[2]), LIMIT)
