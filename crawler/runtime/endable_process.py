"""A child process for work on hostile bytes: bounded in memory and in time an item, killed when it overstays, never left behind.

Whatever an item makes the process do, in C code that never returns to Python included: the starter kills it after the item's time;
the system's alarm kills it where the starter cannot; and it dies with its starter.  The next item gets a new process.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import re
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import TypeVar

from crawler.runtime.log_text import keep_logs_legible

T = TypeVar("T")
START_SECONDS = 120.0
"""Time to start the process and to prepare it; no item can prolong it."""
ALARM_SECONDS = 5.0
"""Time after an item's own after which the system ends the process, for a starter that was stopped or is busy."""
_PR_SET_PDEATHSIG = 1


class ProcessStartError(Exception):
    """The process ended, or hung, before any item was given to it."""


class ProcessDiedError(Exception):
    """The process died while it worked on an item."""


class ItemTimeoutError(Exception):
    """An item took longer than it may; its process was killed."""


class EndableProcess:
    """Runs functions on one item at a time; starts its process when it is first needed, and again after it has ended.

    For one event loop, whose thread outlives the process.
    """

    def __init__(
        self,
        prepare: Callable[..., object],
        arguments: tuple[object, ...] = (),
        *,
        memory: int,
        start_seconds: float = START_SECONDS,
    ) -> None:
        """``prepare``, a module-level function, is called with ``arguments`` in each new process, before its memory is bounded.

        ``memory``: bytes that the process may allocate beyond what it holds when it is prepared.
        """
        self._begin = (prepare, arguments, memory)
        self._start_seconds = start_seconds
        self._executor: ProcessPoolExecutor | None = None
        self._is_ready = False

    async def ready(self) -> None:
        """Start the process if it does not run, and wait until it is prepared.

        Raises:
            ProcessStartError: it ended, or was not ready in time.
        """
        if self._is_ready:
            return
        # not by fork, which would copy the threads' locks along; a server that has imported everything once is forked
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, self._begin[0].__module__])
        # that server has the environment of its own start
        self._executor = ProcessPoolExecutor(1, context, _begin, (dict(os.environ), *self._begin))
        try:
            async with asyncio.timeout(self._start_seconds):
                await asyncio.get_running_loop().run_in_executor(self._executor, _nothing)
        except (BrokenExecutor, TimeoutError, OSError) as error:
            self.end()
            raise ProcessStartError(f"{type(error).__name__}: {error}") from error
        except BaseException:
            self.end()
            raise
        self._is_ready = True

    async def call(self, seconds: float, work: Callable[..., T], *arguments: object) -> T:
        """Return ``work(*arguments)``, computed in the process; ``work`` is a module-level function.

        The process is killed where the result is not there after ``seconds``, and where the calling task is cancelled.

        Raises:
            ItemTimeoutError: there was no result in time.
            ProcessDiedError: the process died.
            ProcessStartError: it did not start.
        """
        await self.ready()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds) as limit:
                return await loop.run_in_executor(self._executor, _work, seconds + ALARM_SECONDS, work, arguments)
        except TimeoutError as error:
            if not limit.expired():  # of the work itself
                raise
            self.end()
            raise ItemTimeoutError(f"there was no result within {seconds:g} s") from error
        except BrokenExecutor as error:
            self.end()
            raise ProcessDiedError(f"{type(error).__name__}: {error}") from error
        except asyncio.CancelledError:
            self.end()
            raise

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


# --- inside the process --------------------------------------------------------------------------------------------


def _begin(
    environment: dict[str, str], prepare: Callable[..., object], arguments: tuple[object, ...], memory: int
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    _die_with_starter()
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C at a terminal reaches the starter too, which ends this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the system acts on it itself, whatever code is running
    keep_logs_legible()
    prepare(*arguments)
    _bound_memory(memory)


def _die_with_starter() -> None:
    """End this process when its starter has ended: a starter that was killed does not stop its children.

    A thread notices it on every system, unless code in C holds the interpreter.  Linux also does it by itself: the server that
    forked this process ends with the starter, unless another process holds the pipe by which it knows, and this process with it.
    """
    starter = multiprocessing.parent_process()
    if starter is None:
        return
    threading.Thread(target=_exit_after, args=(starter.join,), name="starter-watch", daemon=True).start()
    pipe = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    if pipe is not None:
        os.close(pipe)
        forkserver._forkserver._forkserver_alive_fd = None  # type: ignore[attr-defined]
    if sys.platform == "linux":
        before = os.getppid()
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != before:  # it ended before the call
            os._exit(1)


def _exit_after(wait: Callable[[], object]) -> None:
    wait()
    os._exit(1)


def _bound_memory(memory: int) -> None:
    """Let the process allocate ``memory`` bytes more than it has; no limit is set where there is no ``/proc``."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        used = re.search(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
        if used is not None:
            # data only: the address space also has mapped models and thread stacks, which do not grow with an item
            resource.setrlimit(resource.RLIMIT_DATA, (int(used[1]) * 1024 + memory,) * 2)


def _work(seconds: float, work: Callable[..., T], arguments: tuple[object, ...]) -> T:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _nothing() -> None:
    """Do nothing: its result shows that the process has started."""
