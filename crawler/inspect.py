"""Capture and judge: the two steps that ``scan`` and ``run`` share."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from crawler.results import Result
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Capture, StoredFile, Verdict


class Inspector:
    """Judges captures on a thread of its own, so that OpenCV never stands on the event loop."""

    def __init__(self, judge: Judge, evidence: Evidence) -> None:
        self._judge = judge
        self._evidence = evidence
        # one thread: a judge's caches belong to one thread, and the browser wants the other core
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")

    async def __aenter__(self) -> Inspector:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    async def inspect(self, capture: Capture) -> Result:
        """Judge one capture and say where its pictures lie."""
        verdict, seconds = await asyncio.get_running_loop().run_in_executor(self._pool, self._timed, capture)
        return Result(
            capture,
            verdict,
            capture.seconds,
            seconds,
            self._path(capture.screenshot),
            self._path(capture.full_page),
        )

    def _timed(self, capture: Capture) -> tuple[Verdict, float]:
        started = time.perf_counter()
        verdict = self._judge.judge(capture, lambda: self._read(capture.screenshot))
        return verdict, time.perf_counter() - started

    def _read(self, stored: StoredFile | None) -> bytes | None:
        if stored is None:
            return None
        try:
            return self._evidence.get(stored)
        except EvidenceError:
            return None

    def _path(self, stored: StoredFile | None) -> str | None:
        return self._evidence.path(stored) if stored else None
