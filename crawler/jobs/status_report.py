"""The status of a workspace, read from the store: backlog, sources, runs, crawl jobs and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.discovery.source_status import SourceStatus, read
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.model import CaseState
from detector.store import JobRun, Store

AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""Limits of age between which due candidates are counted."""
RECENT = 5


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A crawl job, its last run and its next planned time."""

    job: str
    cron: str
    started: datetime | None = None
    ended: datetime | None = None
    state: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    lag: float | None = None
    error: str = ""
    next: datetime | None = None
    """Next planned time, without the random delay."""


@dataclass(frozen=True, slots=True)
class BacklogStatus:
    """Candidates by state, and the time for which due ones have waited."""

    due: int
    waiting: int
    leased: int
    done: int
    quarantined: int
    oldest_due: datetime | None
    due_for: dict[str, int]
    """Due candidates by waiting time: up to an ``hour``, a ``day``, a ``week``, and ``longer``."""
    probes_due: int
    """Names whose probe is due."""
    probes_waiting: int


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The status of a workspace at one moment."""

    at: datetime
    backlog: BacklogStatus
    sources: list[SourceStatus]
    running: list[JobRun]
    recent: list[JobRun]
    """The latest runs that have ended, newest first."""
    jobs: list[JobStatus]
    cases: dict[str, int]
    captures: dict[str, int]
    """Captures by verdict."""
    brands: dict[str, int] = field(default_factory=dict)
    """Brands by the folder that they are read from."""

    @property
    def slots(self) -> int:
        """Captures that the current runs could do at the same time."""
        return sum(run.slots for run in self.running)

    @property
    def busy(self) -> int:
        """Captures in progress, as of the runs' last heartbeats."""
        return sum(run.busy for run in self.running)


def status_of(store: Store, plan: SchedulePlan, now: datetime, brands: Sequence[Path] = ()) -> StatusReport:
    """Read the status of a workspace; ``brands`` are the folders that brands are read from.

    Raises:
        StoreError: the store cannot be read.
    """
    counts = store.counts()
    return StatusReport(
        at=now,
        backlog=_backlog(store, counts, now),
        sources=read(store),
        running=store.runs.running(now),
        recent=[run for run in store.runs.latest(RECENT * 4) if run.ended is not None][:RECENT],
        jobs=job_statuses(plan, store, now),
        cases={state: counts[f"cases_{state}"] for state in map(str, CaseState)},
        captures=store.captures.decisions(),
        brands=_brands(brands),
    )


def job_statuses(plan: SchedulePlan, store: Store, now: datetime) -> list[JobStatus]:
    """Return each crawl job with its last run and its next planned time."""
    found = []
    for planned in plan:
        run, moment = store.runs.last(planned.job.name), planned.cron.after(now)
        if run is None:
            found.append(JobStatus(planned.job.name, planned.job.cron, next=moment))
            continue
        found.append(
            JobStatus(
                planned.job.name,
                planned.job.cron,
                run.started,
                run.ended,
                str(run.state),
                dict(run.counts),
                run.lag,
                run.error,
                moment,
            )
        )
    return found


def _brands(folders: Sequence[Path]) -> dict[str, int]:
    """Count brands by folder without reading them: each in the last folder that has it, as it is read."""
    places = {file.parent.name: folder for folder in folders for file in folder.glob("*/brand.toml")}
    return {str(folder): sum(place == folder for place in places.values()) for folder in folders}


def _backlog(store: Store, counts: dict[str, int], now: datetime) -> BacklogStatus:
    oldest, (hour, day, week, everything) = store.backlog.overdue(AGES)
    probes_due, probes_waiting = store.probes.counts(now)
    return BacklogStatus(
        due=counts["due"],
        waiting=counts["waiting"],
        leased=counts["leased"],
        done=counts["done"],
        quarantined=counts["quarantined"],
        oldest_due=oldest,
        due_for={"hour": hour, "day": day - hour, "week": week - day, "longer": everything - week},
        probes_due=probes_due,
        probes_waiting=probes_waiting,
    )
