"""Judge front pages in separate processes, one page at a time in each, so that a crash on hostile HTML loses one page, not the run.

A page whose judge dies is judged again by a new process, since a judge may also be killed by something else.  A page that kills two
judges, or takes too long, is given up with :class:`~crawler.probe.judge_messages.JudgeLostError`.  Waiting pages are in no process,
so they are not affected.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import TracebackType

import structlog

from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, JudgeLostError
from crawler.probe.judge_process import JudgeProcess, Opener, open_judge
from crawler.probe.kit_index import KitIndex
from crawler.runtime.endable_process import ItemTimeoutError, ProcessDiedError, ProcessStartError
from detector.errors import SourceError

SECONDS = 30.0
"""Time to judge one page, after which its process is killed and the page is given up."""
MEMORY = 1 << 30
"""Bytes that a judge may allocate for one page, beyond the memory that it needs for its brands."""
MOST = 4
"""Most judges: one spider does not fetch pages fast enough for more."""
DEATHS = 2
"""Judges that a page may kill before it is given up."""
STARTS = 3
"""Failed starts in a row after which no further judge is started."""
log = structlog.get_logger(__name__)


class JudgePool:
    """Judges and the pages that wait for them; an async context manager, for one event loop."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        kits: KitIndex,
        processes: int = 0,
        *,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        opener: Opener = open_judge,
    ) -> None:
        """Prepare the pool; no process is started before the first page.

        ``processes``: 0 for one less than there are cores, at least one and at most :data:`MOST`.
        ``seconds``, ``memory``: limits for one page.  ``opener``: creates the judge, in its process.
        """
        number = processes or min(MOST, max(1, len(os.sched_getaffinity(0)) - 1))
        self._judges = [JudgeProcess(opener, folders, kits, memory=memory) for _ in range(number)]
        self._seconds = seconds
        self._free: asyncio.Queue[JudgeProcess] = asyncio.Queue()
        for judge in self._judges:
            self._free.put_nowait(judge)
        self._failed_starts = 0
        self.lost = 0
        """Pages that were given up."""

    async def __aenter__(self) -> JudgePool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for judge in self._judges:
            judge.end()

    async def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer.

        Raises:
            JudgeLostError: the page killed two judges, or took too long.
            SourceError: no judge starts.
        """
        judge = await self._free.get()
        try:
            return await self._judge(judge, answer)
        except JudgeLostError as error:
            log.warning(
                "a front page could not be judged and is left to the browser", url=answer.url, reason=str(error)
            )
            self.lost += 1
            judge.end()
            raise
        except BaseException:
            judge.end()  # also on cancellation: nobody waits for its result any more
            raise
        finally:
            self._free.put_nowait(judge)

    async def _judge(self, judge: JudgeProcess, answer: FrontPageAnswer) -> FrontPageFinding:
        for _ in range(DEATHS):
            await self._ready(judge)
            try:
                return await judge.judge(answer, self._seconds)
            except ItemTimeoutError as error:
                raise JudgeLostError(f"it was not judged within {self._seconds:g} seconds") from error
            except ProcessDiedError as error:
                log.warning("a judge of front pages died", url=answer.url, reason=str(error))
        raise JudgeLostError(f"{DEATHS} processes died, one after the other, while they judged it")

    async def _ready(self, judge: JudgeProcess) -> None:
        """Wait until a judge has loaded its brands and models; a failure there is not the page's fault."""
        while self._failed_starts < STARTS:
            try:
                await judge.ready()
            except ProcessStartError as error:
                log.warning("a judge of front pages did not start", reason=str(error))
                self._failed_starts += 1
            else:
                self._failed_starts = 0
                return
        raise SourceError(
            f"no judge of front pages could be started ({STARTS} attempts); see the log lines above for the reason"
        )

    def processes(self) -> tuple[int, ...]:
        """The judges' process ids."""
        return tuple(pid for judge in self._judges for pid in judge.processes())
