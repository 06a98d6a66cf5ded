"""Record a run in the store: its start, a heartbeat while it works, and its result, however it ends."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog

from crawler.discovery.runner import DiscoverySummary
from crawler.examine.examination_result import ExaminationResult
from detector.errors import ClonewatchError, StoreError
from detector.masking import without_known_secrets
from detector.model import utcnow
from detector.store import BacklogClaim, JobRun, RunLog, RunState
from detector.store.runs import COMMAND

log = structlog.get_logger(__name__)

BEAT_SECONDS = 20.0
FIRST_SECONDS = 2.0
"""Seconds until the first heartbeat: by then it is known what the run does, and with how many slots."""
_INITIAL_NAMESPACE = "pid:[4026531836]"


class RunRecorder:
    """Counts and current step of a run; may be updated from any thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.doing = ""
        self.slots = 0
        self.busy = 0
        self.lag: float | None = None
        """Seconds that the most overdue candidate had waited when it was claimed."""
        self.problem = ""
        """Errors that did not end the run, such as sources that failed."""

    def discovered(self, summary: DiscoverySummary) -> None:
        """Add the result of the sources."""
        for tally in summary.sources:
            for name in ("found", "new", "left"):
                self.counts[name] += getattr(tally, name)
        self.counts["sources_failed"] += len(summary.failed)
        self.problem = "; ".join(f"{tally.source}: {tally.error}" for tally in summary.failed)

    def claimed(self, claim: BacklogClaim) -> None:
        """Count a candidate that a capture begins for."""
        self.busy += 1
        waited = (utcnow() - claim.candidate.due).total_seconds()
        self.lag = round(max(self.lag or 0.0, waited), 1)

    def returned(self, claim: BacklogClaim) -> None:
        """Count a candidate that was returned to the backlog without a result."""
        self.busy -= 1
        self.counts["put_off"] += 1

    def finished(self, result: ExaminationResult) -> None:
        """Count a capture whose result is stored."""
        self.busy -= 1
        self.counts["captured"] += 1
        self.counts[str(result.verdict.decision)] += 1


@contextmanager
def recorded(book: RunLog) -> Iterator[RunRecorder]:
    """Record the run of a command around a block.

    Raises:
        StoreError: the store cannot be written.
    """
    with recorded_job(book, COMMAND) as recorder:
        assert recorder is not None  # runs of commands never exclude each other
        yield recorder


@contextmanager
def recorded_job(book: RunLog, job: str, planned: datetime | None = None) -> Iterator[RunRecorder | None]:
    """Record the run of a crawl job around a block; yield None where it must not run.

    Raises:
        StoreError: the store cannot be written.
    """
    host = this_host()
    now = utcnow()
    dead = [run.pid for run in book.running(now) if run.host == host and not _lives(run.pid)]
    run = book.begin(job, now, planned=planned, host=host, pid=os.getpid(), dead=dead)
    if run is None:
        yield None
        return
    recorder = RunRecorder()
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(book, run, recorder, ended), name="run-heart", daemon=True)
    heart.start()
    state, error = RunState.STOPPED, ""
    try:
        yield recorder
        state, error = RunState.DONE, recorder.problem
    except ClonewatchError as failure:
        state, error = RunState.FAILED, str(failure)
        raise
    except Exception as failure:
        state, error = RunState.FAILED, f"{type(failure).__name__}: {failure}"
        raise
    finally:
        ended.set()
        heart.join()
        _end(book, run, state, recorder, error)


def this_host() -> str:
    """Return the name of this machine, with the container's where it is one: process ids mean nothing beyond that."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = _INITIAL_NAMESPACE
    inside = "" if namespace == _INITIAL_NAMESPACE else f" ({namespace})"
    return socket.gethostname() + inside


def _end(book: RunLog, run: JobRun, state: RunState, recorder: RunRecorder, error: str) -> None:
    try:
        book.end(run.id, utcnow(), state, counts=recorder.counts, lag=recorder.lag, error=without_known_secrets(error))
    except StoreError as failure:
        # the error that ended the run matters more; without heartbeats its record soon says "lost"
        log.warning("the end of a run could not be recorded; it will be shown as lost", run=run.id, error=str(failure))


def _beat(book: RunLog, run: JobRun, recorder: RunRecorder, ended: threading.Event) -> None:
    wait = FIRST_SECONDS
    while not ended.wait(wait):
        wait = BEAT_SECONDS
        try:
            book.beat(
                run.id,
                utcnow(),
                doing=recorder.doing,
                slots=recorder.slots,
                busy=recorder.busy,
                counts=dict(recorder.counts),
            )
        except StoreError as failure:
            log.warning("a heartbeat could not be recorded", run=run.id, error=str(failure))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
