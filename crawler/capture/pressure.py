"""Counts what a page does to hold, hurry or frighten its visitor, as ``page_pressure.js`` reports it from every frame.

The reports come through a binding of the DevTools protocol (``Runtime.addBinding``): a native function under a random
name, which ``page_pressure.js`` takes and deletes before the page's own scripts run.  They come as things happen, so they are there
too when the page is terminated, crashes, or leads on; what a page did before it led on counts as well.

Frames in the page's own process are included, those of other origins too (the headless shell has no site isolation).  A
frame with a process of its own has no binding: its calls are capped, and not counted; nor are those of workers.
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
"""What one report may add; a count stops growing there."""
_REPORT = re.compile(r"([a-z_]{1,20}) ([0-9]{1,10})")


class PressureGauge:
    """One page's counters."""

    def __init__(self) -> None:
        # the shape of a minifier's names: should a page ever see it, it tells nothing
        self.channel = "_" + secrets.token_hex(6)
        """Name of the binding that ``page_pressure.js`` takes."""
        self._counts: Counter[str] = Counter()

    async def listen(self, devtools: DevTools) -> None:
        """Count what the attached page does from its next document on, which ``page_pressure.js`` must run in.

        Raises:
            DevToolsError: the browser refused.
        """
        devtools.session.on("Runtime.bindingCalled", self._on_report)
        await asyncio.gather(
            # a binding is there in new documents only while the domain is on
            devtools.send("Runtime.enable"),
            devtools.send("Runtime.addBinding", {"name": self.channel}),
        )

    def read(self, seen: Pressure = NO_PRESSURE) -> Pressure:
        """What was counted so far, and what is ``seen`` in the document that is there now (``autoplay`` makes no call).

        Exact up to 16 a document, from there on at most an eighth too low.
        """
        return Pressure(**{mark: self._counts[mark] + getattr(seen, mark) for mark in MARKS})

    def _on_report(self, event: dict[str, Any]) -> None:
        if event.get("name") != self.channel:
            return
        report = _REPORT.fullmatch(str(event.get("payload", ""))[:40])
        if report is not None and report[1] in MARKS:
            self._counts[report[1]] = min(self._counts[report[1]] + int(report[2]), LIMIT)
