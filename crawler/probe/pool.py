"""Processes that judge front pages: what hostile HTML does to one of them, the look at it does not survive, and the run does."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import cv2

from crawler.probe.answer import Answer, Look, Shown
from crawler.probe.judge import FrontPageJudge
from crawler.probe.kits import KitIndex
from detector.brands import load_library

SECONDS = 20.0
"""After which a judge is given up, and all of them begin anew."""
_judge: FrontPageJudge | None = None


class JudgeLostError(Exception):
    """The judge died, or did not come to an end."""


class JudgePool:
    """An async context manager; for one event loop."""

    def __init__(self, folders: tuple[Path, ...], kits: KitIndex, processes: int = 0) -> None:
        """``processes``: 0 for one less than there are cores, at least one."""
        self._arguments = (folders, kits)
        self._processes = processes or max(1, len(os.sched_getaffinity(0)) - 1)
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # neither fork, which would copy the reactor's threads and locks, nor this process's memory
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, context, _begin, self._arguments)

    async def __aenter__(self) -> JudgePool:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end(self._pool)

    async def look(self, answer: Answer) -> Look:
        """What an answer shows.

        Raises:
            JudgeLostError: the process died of it, or took too long.
        """
        pool = self._pool
        try:
            async with asyncio.timeout(SECONDS + 10 * (pool is not self._pool)):
                return await asyncio.get_running_loop().run_in_executor(pool, _look, answer)
        except (BrokenProcessPool, TimeoutError) as error:
            if pool is self._pool:
                self._pool = self._started()
                self._end(pool)
            raise JudgeLostError(f"the judge was lost ({type(error).__name__})") from error

    def processes(self) -> tuple[int, ...]:
        """The judges' process ids."""
        return tuple((self._pool._processes or {}).keys())

    @staticmethod
    def _end(pool: ProcessPoolExecutor) -> None:
        children = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.kill()


def _begin(folders: tuple[Path, ...], kits: KitIndex) -> None:
    global _judge  # noqa: PLW0603  what a process of a pool knows has to lie somewhere
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    _judge = FrontPageJudge(load_library(folders), kits)
    _judge.look(Answer("http://warm.invalid/", "http://warm.invalid/", 200, "text/html", WARM))


def _end_with_parent() -> None:
    """A parent that is killed closes nothing: its children would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(answer: Answer) -> Look:
    if _judge is None:
        return Look(Shown.NOTHING, "no judge")
    return _judge.look(answer)


WARM = b"<!doctype html><title>Sign in</title><form><input type=password></form>"
"""A page that makes a new judge open what it needs before the first real one comes."""
