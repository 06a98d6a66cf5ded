"""A process that judges one front page at a time, with limited memory; started again after it has ended."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import structlog
from PIL import Image, ImageDraw

from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, unjudged
from crawler.probe.kit_index import KitIndex
from crawler.runtime.endable_process import EndableProcess
from detector.brands import load_library

START_SECONDS = 1800.0
"""Time to load brands and models, after which a starting judge is given up.

No page can prolong it, so it is long: fingerprinting the logos of thousands of new brands takes minutes, and a judge that is given
up in the middle of that would have to begin again.
"""
log = structlog.get_logger(__name__)


class PageJudge(Protocol):
    """Interface of the judge that runs in the process."""

    def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer."""


Opener = Callable[[tuple[Path, ...], KitIndex], PageJudge]
"""Creates a judge for the brands in these folders; must be a module-level function, because another process imports it by name."""


class JudgeProcess:
    """Starts its process when it is first needed, and again after :meth:`end`."""

    def __init__(self, opener: Opener, folders: tuple[Path, ...], kits: KitIndex, *, memory: int) -> None:
        self._process = EndableProcess(_open, (opener, folders, kits), memory=memory, start_seconds=START_SECONDS)

    async def ready(self) -> None:
        """Start the process if it does not run, and wait until it has loaded its brands and models.

        Raises:
            ProcessStartError: it ended, or was not ready in time.
        """
        await self._process.ready()

    async def judge(self, answer: FrontPageAnswer, seconds: float) -> FrontPageFinding:
        """Judge one answer within ``seconds``; call it for one answer at a time.

        Raises:
            ItemTimeoutError: it took longer.
            ProcessDiedError: the process died.
        """
        return await self._process.call(seconds, _judge_page, answer)

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.end()

    def processes(self) -> tuple[int, ...]:
        """Return the id of the process; empty where it does not run."""
        return self._process.processes()


def open_judge(folders: tuple[Path, ...], kits: KitIndex) -> PageJudge:
    """Return a judge that has loaded everything that it needs."""
    cv2.setNumThreads(1)
    judge = FrontPageJudge(load_library(folders), kits)
    judge.judge(_first_page())
    return judge


# --- inside the process --------------------------------------------------------------------------------------------

_judge: PageJudge | None = None


def _open(opener: Opener, folders: tuple[Path, ...], kits: KitIndex) -> None:
    global _judge  # noqa: PLW0603  a process can keep its state only in a module
    _judge = opener(folders, kits)


def _judge_page(answer: FrontPageAnswer) -> FrontPageFinding:
    assert _judge is not None
    try:
        return _judge.judge(answer)
    except Exception as error:
        # a page that causes an unexpected error ends neither the run nor the judge, and does not count as clean
        log.exception("a front page could not be judged", url=answer.url)
        return unjudged(f"the judge failed with {type(error).__name__}")


def _first_page() -> FrontPageAnswer:
    """Return a page that makes a new judge load everything, picture signals included, before the first real page."""
    canvas = Image.new("RGB", (240, 80), "white")
    drawn = ImageDraw.Draw(canvas)
    drawn.ellipse((10, 20, 50, 60), fill="navy")
    drawn.text((70, 20), "Garden", fill="black", font_size=32)
    output = io.BytesIO()
    canvas.save(output, "PNG")
    picture = output.getvalue()
    body = b"<!doctype html><title>Sign in</title><form><input type=password></form>"
    place = "http://warm.invalid/"
    return FrontPageAnswer(place, place, 200, "text/html", body, icon=picture, pictures=(picture,), complete=True)
