"""Processes that judge front pages: what hostile HTML does to one of them, the look at it does not survive, and the run does."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import structlog
from PIL import Image, ImageDraw

from crawler.probe.answer import Answer, Look, Shown
from crawler.probe.judge import FrontPageJudge
from crawler.probe.kits import KitIndex
from detector.brands import load_library

SECONDS, START_SECONDS = 30.0, 1800.0
"""After which the judges are given up and begin anew: with one look, and with getting ready.

The latter is our own work, whatever pages say: of thousands of brands, seen for the first time, the gallery of logos takes minutes,
and a judge given up in the middle of it would begin with it again for ever.
"""
MOST = 4
"""Judges that one spider can feed."""
_judge: FrontPageJudge | None = None
log = structlog.get_logger(__name__)


class JudgeLostError(Exception):
    """The judge died, or did not come to an end."""


class _Crew:
    """The processes of one start."""

    def __init__(self, executor: ProcessPoolExecutor, processes: int) -> None:
        self.executor = executor
        # answers wait here, not in the executor's queue: what counts against a judge is its own time only
        self.slots = asyncio.Semaphore(2 * processes)
        self._beginning: asyncio.Future[None] | None = None

    async def look(self, answer: Answer) -> Look:
        async with self.slots:
            await self._ready()
            async with asyncio.timeout(SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self.executor, _look, answer)

    async def _ready(self) -> None:
        """Wait until a judge has opened what it needs: none of that is a page's doing."""
        if self._beginning is None:
            self._beginning = asyncio.get_running_loop().run_in_executor(self.executor, _nothing)
        if not self._beginning.done():
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._beginning)

    def end(self) -> None:
        children = list((self.executor._processes or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.kill()


class JudgePool:
    """An async context manager; for one event loop."""

    def __init__(self, folders: tuple[Path, ...], kits: KitIndex, processes: int = 0) -> None:
        """``processes``: 0 for one less than there are cores, at least one and at most :data:`MOST`."""
        self._arguments = (folders, kits)
        self._processes = processes or min(MOST, max(1, len(os.sched_getaffinity(0)) - 1))
        self._crew = self._started()

    def _started(self) -> _Crew:
        # not by fork, which would copy the reactor's threads and locks along
        context = multiprocessing.get_context("spawn")
        return _Crew(ProcessPoolExecutor(self._processes, context, _begin, self._arguments), self._processes)

    async def __aenter__(self) -> JudgePool:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._crew.end()

    async def look(self, answer: Answer) -> Look:
        """What an answer shows.

        Raises:
            JudgeLostError: the process died of it, or took too long.
        """
        crew = self._crew
        try:
            return await crew.look(answer)
        except (RuntimeError, TimeoutError) as error:  # an executor that is broken, or has been shut down meanwhile
            if crew is self._crew:
                self._crew = self._started()
                crew.end()
            raise JudgeLostError(f"the judge was lost ({type(error).__name__})") from error

    def processes(self) -> tuple[int, ...]:
        """The judges' process ids."""
        return tuple((self._crew.executor._processes or {}).keys())


def _begin(folders: tuple[Path, ...], kits: KitIndex) -> None:
    global _judge  # noqa: PLW0603  what a process of a pool knows has to lie somewhere
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _judge = FrontPageJudge(load_library(folders), kits)
    _judge.look(_first_page())


def _end_with_parent() -> None:
    """A parent that is killed closes nothing: its children would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(answer: Answer) -> Look:
    if _judge is None:
        return Look(Shown.NOTHING, "no judge")
    try:
        return _judge.look(answer)
    except Exception as error:
        # one page that no test has thought of ends neither the run nor the judge; it is not taken for clean, but seen again
        log.exception("a front page could not be judged", url=answer.url)
        return Look(Shown.NOTHING, f"it could not be judged ({type(error).__name__})")


def _nothing() -> None:
    """Done once a process has begun."""


def _first_page() -> Answer:
    """A page that makes a new judge open all that it needs, pictures' signals too, before the first real one comes."""
    canvas = Image.new("RGB", (240, 80), "white")
    drawn = ImageDraw.Draw(canvas)
    drawn.ellipse((10, 20, 50, 60), fill="navy")
    drawn.text((70, 20), "Garden", fill="black", font_size=32)
    output = io.BytesIO()
    canvas.save(output, "PNG")
    picture = output.getvalue()
    body = b"<!doctype html><title>Sign in</title><form><input type=password></form>"
    place = "http://warm.invalid/"
    return Answer(place, place, 200, "text/html", body, icon=picture, pictures=(picture,), complete=True)
