"""Look at documents with the browser, and judge them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crawler.capture.capturer import Capturer
from crawler.examine.inspection import CaptureInspector
from crawler.loopback.web import serving_files
from detector.brands import BrandLibrary
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Capture, PageFacts, Verdict


class Looks:
    """Looks at documents with the browser and judges them."""

    def __init__(self, pages: dict[str, bytes], address: str, capturer: Capturer, inspector: CaptureInspector) -> None:
        self._pages, self._address = pages, address
        self.capturer, self._inspector = capturer, inspector
        self.clones: dict[str, str] = {}
        """Documents by what shows the brand."""

    async def at(self, document: str) -> tuple[Capture, Verdict]:
        """Capture and judge a document under an address of its own."""
        path = f"/{len(self._pages)}/"
        self._pages[path] = document.encode()
        look = await self.capturer.record(self._address + path)
        judged = await self._inspector.inspect(look.capture, look.before)
        return judged.capture, judged.verdict

    async def facts(self, document: str) -> PageFacts:
        """Return the facts of a document."""
        capture, _ = await self.at(document)
        assert capture.facts is not None, capture.note
        return capture.facts


@asynccontextmanager
async def looking(config: CaptureConfig, evidence: Evidence, library: BrandLibrary) -> AsyncIterator[Looks]:
    """A browser and a judge, for documents that a server on this machine serves."""
    pages: dict[str, bytes] = {}
    with serving_files(pages) as server:
        async with Capturer(config, evidence) as capturer, CaptureInspector(Judge(library), evidence) as inspector:
            yield Looks(pages, server.url("").rstrip("/"), capturer, inspector)
