"""A process that judges one front page at a time, with limited memory; started again after it has ended."""

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

from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, unjudged
from crawler.probe.kit_index import KitIndex
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


class JudgeStartError(Exception):
    """The process ended, or hung, before any page was given to it."""


class JudgeProcess:
    """Starts its process when it is first needed, and again after :meth:`end`."""

    def __init__(self, opener: Opener, folders: tuple[Path, ...], kits: KitIndex, *, memory: int) -> None:
        self._arguments = (opener, folders, kits, memory)
        self._executor: ProcessPoolExecutor | None = None
        self._is_ready = False

    async def ready(self) -> None:
        """Start the process if it does not run, and wait until it has loaded its brands and models.

        Raises:
            JudgeStartError: it ended, or was not ready in time.
        """
        if self._is_ready:
            return
        # not by fork, which would copy the reactor's threads and locks along; a server that has imported everything once is forked
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        # that server has the environment of its own start
        self._executor = ProcessPoolExecutor(1, context, _begin, (dict(os.environ), *self._arguments))
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.get_running_loop().run_in_executor(self._executor, _nothing)
        except (RuntimeError, TimeoutError, OSError) as error:
            raise JudgeStartError(f"{type(error).__name__}: {error}") from error
        self._is_ready = True

    async def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer; call it only when the process is ready, and for one answer at a time.

        Raises:
            RuntimeError: the process died.
        """
        return await asyncio.get_running_loop().run_in_executor(self._executor, _judge_page, answer)

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        executor, self._executor, self._is_ready = self._executor, None, False
        if executor is not None:
            children = list((executor._processes or {}).values())
            executor.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.kill()

    def processes(self) -> tuple[int, ...]:
        """Return the id of the process; empty where it does not run."""
        return tuple((self._executor._processes or {}).keys()) if self._executor is not None else ()


def open_judge(folders: tuple[Path, ...], kits: KitIndex) -> PageJudge:
    """Return a judge that has loaded everything that it needs."""
    cv2.setNumThreads(1)
    judge = FrontPageJudge(load_library(folders), kits)
    judge.judge(_first_page())
    return judge


# --- inside the process --------------------------------------------------------------------------------------------

_judge: PageJudge | None = None


def _begin(environment: dict[str, str], opener: Opener, folders: tuple[Path, ...], kits: KitIndex, memory: int) -> None:
    global _judge  # noqa: PLW0603  a pool's process can keep its state only in a module
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _judge = opener(folders, kits)
    _bound_memory(memory)


def _bound_memory(memory: int) -> None:
    """Let the process allocate ``memory`` bytes more than it has; no limit is set where there is no ``/proc``."""
    with suppress(OSError, ValueError):
        used = re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
        if used is not None:
            # data only: the address space also has mapped models and thread stacks, which do not grow with a page
            resource.setrlimit(resource.RLIMIT_DATA, (int(used[1]) * 1024 + memory,) * 2)


def _end_with_parent() -> None:
    """Exit when the parent process has ended: a parent that was killed does not stop its children."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_page(answer: FrontPageAnswer) -> FrontPageFinding:
    assert _judge is not None
    try:
        return _judge.judge(answer)
    except Exception as error:
        # a page that causes an unexpected error ends neither the run nor the judge, and does not count as clean
        log.exception("a front page could not be judged", url=answer.url)
        return unjudged(f"the judge failed with {type(error).__name__}")


def _nothing() -> None:
    """Do nothing: its result shows that the process has started."""


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
