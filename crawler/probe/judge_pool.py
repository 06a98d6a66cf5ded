"""Processes that judge front pages, one page each at a time: what hostile HTML does to its judge costs that page alone.

A page whose judge dies is judged once more by a new one, since a judge may also be ended by somebody else.  A page that ends two
judges, or whose judge does not come to an end, is given up with :class:`~crawler.probe.judge_messages.JudgeLostError`.  The pages that wait
meanwhile are in no process, and lose nothing.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import TracebackType

import structlog

from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, JudgeLostError
from crawler.probe.judge_process import JudgeProcess, JudgeStartError, Opener, open_judge
from crawler.probe.kit_index import KitIndex
from detector.errors import SourceError

SECONDS = 30.0
"""After which a judge is given up with its page."""
MEMORY = 1 << 30
"""Bytes that one page may make a judge allocate beyond what it needs for its brands."""
MOST = 4
"""Judges that one spider can feed."""
DEATHS = 2
"""Judges that one page may end."""
STARTS = 3
"""Judges in a row that may fail to start."""
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
        """Nothing is started before the first look.

        ``processes``: 0 for one less than there are cores, at least one and at most :data:`MOST`.
        ``seconds``, ``memory``: bounds of one look.  ``opener``: makes the judge, in its process.
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

    async def look(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer.

        Raises:
            JudgeLostError: its judge died of it twice, or took too long.
            SourceError: no judge starts.
        """
        judge = await self._free.get()
        try:
            return await self._look(judge, answer)
        except JudgeLostError as error:
            log.warning("a front page is given up by its judges", url=answer.url, reason=str(error))
            self.lost += 1
            judge.end()
            raise
        except BaseException:
            judge.end()  # also where the look was cancelled: what it works on is nobody's any more
            raise
        finally:
            self._free.put_nowait(judge)

    async def _look(self, judge: JudgeProcess, answer: FrontPageAnswer) -> FrontPageFinding:
        for _ in range(DEATHS):
            await self._ready(judge)
            try:
                async with asyncio.timeout(self._seconds):
                    return await judge.look(answer)
            except TimeoutError as error:
                raise JudgeLostError(f"its judge did not come to an end within {self._seconds:g} seconds") from error
            except RuntimeError as error:  # a broken pool
                log.warning("a judge died", url=answer.url, reason=f"{type(error).__name__}: {error}")
                judge.end()
        raise JudgeLostError(f"{DEATHS} judges died of it, one after the other")

    async def _ready(self, judge: JudgeProcess) -> None:
        """Wait until a judge has opened what it needs: none of that is a page's doing."""
        while self._failed_starts < STARTS:
            try:
                await judge.ready()
            except JudgeStartError as error:
                log.warning("a judge of front pages did not start", reason=str(error))
                judge.end()
                self._failed_starts += 1
            else:
                self._failed_starts = 0
                return
        raise SourceError(f"no judge of front pages starts, {STARTS} failed; what they said stands above this line")

    def processes(self) -> tuple[int, ...]:
        """The judges' process ids."""
        return tuple(pid for judge in self._judges for pid in judge.processes())
