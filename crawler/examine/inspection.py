"""Find telephone numbers and judge captures, on a thread of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType

from crawler.examine.second_look import strength
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Capture, StoredFile, Verdict
from detector.phones import find_phones


@dataclass(frozen=True, slots=True)
class JudgedCapture:
    """A capture with its telephone numbers, its verdict, and the seconds that both took."""

    capture: Capture
    verdict: Verdict
    seconds: float


def read_picture(evidence: Evidence, stored: StoredFile | None) -> bytes | None:
    """Read a stored picture; None where there is none, or it cannot be read."""
    if stored is None:
        return None
    try:
        return evidence.get(stored)
    except EvidenceError:
        return None


class CaptureInspector:
    """Judges captures on its own thread, so that OpenCV never blocks the event loop."""

    def __init__(self, judge: Judge, evidence: Evidence) -> None:
        self.judge = judge
        self._evidence = evidence
        # one thread: a judge's caches belong to one thread, and the browser wants the other core
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")

    async def __aenter__(self) -> CaptureInspector:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    async def inspect(self, capture: Capture, before: Sequence[Capture] = ()) -> JudgedCapture:
        """Judge one capture, and the same page at other moments (``before``); the most suspicious verdict counts.

        A clone's "Sign in" may lead to the brand's own page: then the page before the click is the evidence.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._timed, capture, before)

    async def judge_again(self, judged: JudgedCapture, capture: Capture) -> JudgedCapture:
        """Judge a capture again, after facts such as its registration were added."""

        def timed() -> JudgedCapture:
            started = time.perf_counter()
            verdict = self._verdict(capture)
            return JudgedCapture(capture, verdict, judged.seconds + time.perf_counter() - started)

        return await asyncio.get_running_loop().run_in_executor(self._pool, timed)

    def read(self, stored: StoredFile | None) -> bytes | None:
        """Read a stored picture; None where there is none, or it cannot be read."""
        return read_picture(self._evidence, stored)

    def _timed(self, capture: Capture, before: Sequence[Capture]) -> JudgedCapture:
        started = time.perf_counter()
        seen, verdict = self._look_at(capture)
        for moment in before:
            known, other = self._look_at(moment)
            if strength(known, other)[0] > strength(seen, verdict)[0]:
                seen, verdict = replace(known, clicks=capture.clicks), other
        return JudgedCapture(seen, verdict, time.perf_counter() - started)

    def _look_at(self, capture: Capture) -> tuple[Capture, Verdict]:
        seen = replace(capture, phones=find_phones(capture, lambda: self.read(capture.screenshot), self.judge.library))
        return seen, self._verdict(seen)

    def _verdict(self, capture: Capture) -> Verdict:
        return self.judge.judge(capture, lambda: self.read(capture.screenshot), lambda: self.read(capture.favicon))
