"""One process that judges one front page at a time, within a bound of memory; begun anew after it has ended."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import re
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import cv2
import structlog
from PIL import Image, ImageDraw

from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, unjudged
from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.kit_index import KitIndex
from detector.brands import load_library

START_SECONDS = 1800.0
"""After which a judge that is getting ready is given up.

That is our own work, whatever pages say: of thousands of brands, seen for the first time, the gallery of logos takes minutes,
and a judge given up in the middle of it would begin with it again for ever.
"""
log = structlog.get_logger(__name__)


class PageJudge(Protocol):
    """The judge that runs in the process."""

    def look(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer."""


Opener = Callable[[tuple[Path, ...], KitIndex], PageJudge]
"""Makes a judge of the brands in these folders; a function of a module, since it is named to another process."""


class JudgeStartError(Exception):
    """The process ended, or hung, before any page was given to it."""


class JudgeProcess:
    """A process, or the place of one: it is started when it is first asked for, and again after :meth:`end`."""

    def __init__(self, opener: Opener, folders: tuple[Path, ...], kits: KitIndex, *, memory: int) -> None:
        self._arguments = (opener, folders, kits, memory)
        self._executor: ProcessPoolExecutor | None = None
        self._is_ready = False

    async def ready(self) -> None:
        """Start the process where there is none, and wait until it has opened what it needs.

        Raises:
            JudgeStartError: it ended, or did not get ready.
        """
        if self._is_ready:
            return
        # not by fork, which would copy the reactor's threads and locks along
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(1, context, _begin, self._arguments)
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.get_running_loop().run_in_executor(self._executor, _nothing)
        except (RuntimeError, TimeoutError, OSError) as error:
            raise JudgeStartError(f"{type(error).__name__}: {error}") from error
        self._is_ready = True

    async def look(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer at a time, once the process is ready.

        Raises:
            RuntimeError: the process died.
        """
        return await asyncio.get_running_loop().run_in_executor(self._executor, _look, answer)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        executor, self._executor, self._is_ready = self._executor, None, False
        if executor is not None:
            children = list((executor._processes or {}).values())
            executor.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.kill()

    def processes(self) -> tuple[int, ...]:
        """Its process id, where it runs."""
        return tuple((self._executor._processes or {}).keys()) if self._executor is not None else ()


def open_judge(folders: tuple[Path, ...], kits: KitIndex) -> PageJudge:
    """A judge that has opened all that it needs."""
    cv2.setNumThreads(1)
    judge = FrontPageJudge(load_library(folders), kits)
    judge.look(_first_page())
    return judge


# --- in the process ------------------------------------------------------------------------------------------------

_judge: PageJudge | None = None


def _begin(opener: Opener, folders: tuple[Path, ...], kits: KitIndex, memory: int) -> None:
    global _judge  # noqa: PLW0603  what a process of a pool knows has to lie somewhere
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _judge = opener(folders, kits)
    _bound_memory(memory)


def _bound_memory(memory: int) -> None:
    """Let the process allocate ``memory`` bytes more than it has; where there is no ``/proc``, nothing is bounded."""
    with suppress(OSError, ValueError):
        used = re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
        if used is not None:
            # of data alone: the address space holds mapped models and thread stacks, which a page does not add to
            resource.setrlimit(resource.RLIMIT_DATA, (int(used[1]) * 1024 + memory,) * 2)


def _end_with_parent() -> None:
    """A parent that is killed closes nothing: its children would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(answer: FrontPageAnswer) -> FrontPageFinding:
    assert _judge is not None
    try:
        return _judge.look(answer)
    except Exception as error:
        # one page that no test has thought of ends neither the run nor the judge; it is not taken for clean
        log.exception("a front page could not be judged", url=answer.url)
        return unjudged(f"the judge failed with {type(error).__name__}")


def _nothing() -> None:
    """Done once a process has begun."""


def _first_page() -> FrontPageAnswer:
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
    return FrontPageAnswer(place, place, 200, "text/html", body, icon=picture, pictures=(picture,), complete=True)
