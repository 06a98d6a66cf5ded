"""Runs crawl jobs at their moments, each in a process of its own; nothing is run twice, and what was missed is caught up with.

APScheduler keeps the time; the store keeps what was answered.  A run is begun by whoever gets its line into the book of runs, so
that a second scheduler, by mistake or to be safe, does no harm.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from crawler.own_process import job_process
from crawler.schedule.plan import Plan, Planned
from detector.errors import StoreError
from detector.model import utcnow
from detector.store import Store

log = structlog.get_logger(__name__)

WAKE_SECONDS = 5.0
JUMP_SECONDS = 30.0
"""Between the clock and the time that went by: the clock was set, or the machine slept."""
STOP_SECONDS = 60.0
"""Given to runs to end in good order."""
OWN_MEMORY = "schedule"
Tell = Callable[[str, str], None]
"""Told (job, sentence)."""
Send = Callable[[str, datetime], bool]
"""Given (job, moment); False where it must be tried again."""


class Scheduler:
    """One process that starts runs until it is stopped."""

    def __init__(
        self, plan: Plan, store: Store, workspace: Path, tell: Tell, keep: timedelta, send: Send | None = None
    ) -> None:
        """``workspace``: what the runs are told to work in; ``keep``: for how long runs stay in the book.

        ``send``: gives a run to a worker elsewhere; without it runs are processes of this machine.
        """
        self._plan, self._store, self._workspace, self._tell, self._keep = plan, store, workspace, tell, keep
        self._send = send
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._clock = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(plan)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Until interrupted: then runs under way are asked to end, and waited for.

        Raises:
            StoreError: the store cannot be read at the start.
        """
        for planned in self._plan:
            self._since(planned.job.name)
            self._clock.add_job(
                self._fire, _Moments(planned), args=[planned], id=planned.job.name, next_run_time=self._first(planned)
            )
        self._clock.start()
        try:
            self._watch()
        finally:
            self._stop()

    def next_runs(self) -> dict[str, datetime | None]:
        """When each job runs next."""
        return {job.id: job.next_run_time for job in self._clock.get_jobs()}

    # --- moments ---------------------------------------------------------------------------------------------------

    def _since(self, job: str) -> datetime:
        """When the job was first known: what lay before that was not missed."""
        kept = self._store.recall(OWN_MEMORY, f"since {job}")
        if kept is None:
            kept = utcnow().isoformat()
            self._store.remember(OWN_MEMORY, f"since {job}", kept)
        return datetime.fromisoformat(kept)

    def missed(self, planned: Planned) -> datetime | None:
        """The moment of a job that should have been answered by now and was not."""
        now = utcnow()
        answered = self._store.runs.answered(planned.job.name, now)
        return self._plan.missed(planned, answered or self._since(planned.job.name), now)

    def _first(self, planned: Planned) -> datetime | None:
        now = utcnow()
        if self.missed(planned) is not None:
            self._tell(planned.job.name, "missed its time; it runs now")
            return datetime.now(UTC)  # of the clock that APScheduler reads
        return _Moments(planned).get_next_fire_time(None, now)

    def _fire(self, planned: Planned) -> None:
        """Answer the latest moment, in a thread of the clock's."""
        name = planned.job.name
        try:
            moment = self.missed(planned)
        except StoreError as error:
            self._tell(name, f"could not begin: {error}")
            return
        if moment is None or self._stopping.is_set():
            return  # somebody else has answered it
        if self._send is not None:
            self._hand_over(planned, self._send)
            return
        started = time.monotonic()
        with self._lock:
            if self._stopping.is_set():
                return
            self._tell(name, "begins")
            child = self._children[name] = job_process(self._workspace, name, moment)
        code = child.wait()
        with self._lock:
            self._children.pop(name, None)
        self._tell(name, f"{self._came_to(name, moment, code)} after {time.monotonic() - started:.0f} s")

    def _hand_over(self, planned: Planned, send: Send) -> None:
        """Send the latest moment that nobody has answered, until the broker takes it or somebody has."""
        name = planned.job.name
        while not self._stopping.is_set():
            try:
                moment = self.missed(planned)
                if moment is None:
                    return
                if send(name, moment):
                    self._tell(name, "is sent to the workers")
                    self._store.runs.forget(utcnow() - self._keep)
                    return
            except StoreError as error:
                self._tell(name, f"could not be sent: {error}")
            self._stopping.wait(WAKE_SECONDS)

    def _came_to(self, name: str, moment: datetime, code: int) -> str:
        try:
            run = self._store.runs.last(name)
            self._store.runs.forget(utcnow() - self._keep)
        except StoreError as error:
            return f"ended with exit status {code}; what came of it cannot be read ({error})"
        if run is None or run.planned != moment:
            return f"ended with exit status {code}"
        counts = ", ".join(f"{count} {what}" for what, count in run.counts.items() if count)
        return f"{run.state}{': ' + counts if counts else ''}{'; ' + run.error if run.error else ''}"

    # --- while it runs ------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        drift = time.time() - time.monotonic()
        while not self._stopping.wait(WAKE_SECONDS):
            jumped = time.time() - time.monotonic() - drift
            if abs(jumped) > JUMP_SECONDS:
                drift += jumped
                self._tell("clock", f"was set by {jumped:+.0f} s, or the machine slept; all times are taken anew")
                self._retime()
            self._clock.wakeup()

    def _retime(self) -> None:
        for planned in self._plan:
            try:
                first = self._first(planned)
            except StoreError as error:
                log.warning("a job's time could not be taken anew", job=planned.job.name, error=str(error))
                first = _Moments(planned).get_next_fire_time(None, utcnow())
            self._clock.modify_job(planned.job.name, next_run_time=first)

    def _stop(self) -> None:
        with self._lock:
            self._stopping.set()
            children = dict(self._children)
        for child in children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name, child in children.items():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._tell(name, "does not end; it is killed")
                child.kill()
        self._clock.shutdown(wait=True)


class _Moments(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The moments of a job, each a little late: APScheduler's own jitter would be another one at each start."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first moment whose delay has not run out yet."""
        moment = self._planned.cron.after(now.astimezone(UTC) - timedelta(seconds=self._planned.jitter))
        while moment is not None and moment + self._planned.delay(moment) <= max(now, previous_fire_time or now):
            moment = self._planned.cron.after(moment)
        return None if moment is None else moment + self._planned.delay(moment)
