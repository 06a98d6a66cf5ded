"""Runs of crawl jobs: each planned time is run once, one run of a job at a time, and a run that died is marked as lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.clock import latest_sane
from detector.store.columns import storable
from detector.store.engine import Database, insert_for
from detector.store.models import RunRow

ALIVE = timedelta(minutes=2)
"""Time for which a run counts as alive after its last heartbeat."""
COMMAND = ""
"""Job of a run that somebody started by a command."""


class RunState(StrEnum):
    """State of a run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Ended early by a person or a signal, in good order."""
    LOST = "lost"
    """No heartbeat any more: killed, or its machine is gone."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job."""

    id: int
    job: str
    planned: datetime | None
    started: datetime
    ended: datetime | None
    state: RunState
    host: str
    pid: int
    doing: str
    slots: int
    """Captures that it may take at once; 0: it takes none."""
    busy: int
    counts: Mapping[str, int]
    lag: float | None
    """Seconds that the most overdue of its items had waited."""
    error: str


class RunLog:
    """The log of runs.  Safe for several threads and several programs at once; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def begin(
        self,
        job: str,
        now: datetime,
        *,
        planned: datetime | None = None,
        host: str,
        pid: int,
        dead: Collection[int] = (),
    ) -> JobRun | None:
        """Begin a run; None where one of the same job is under way, or the planned time was run before.

        ``dead``: process ids on ``host`` that are known to be gone: their runs are lost, however fresh.
        """
        with self._database.write() as connection:
            release_ahead(connection, now)
            _find_lost(connection, now, host, dead)
            row = {
                "job": storable(job),
                "planned": planned,
                "started": now,
                "until": now + ALIVE,
                "state": RunState.RUNNING,
                "host": storable(host),
                "pid": pid,
                "doing": "",
                "slots": 0,
                "busy": 0,
                "counts_json": "{}",
                "error": "",
            }
            # conflicts with the index of the planned time, or with that of the running job
            fresh = insert_for(connection)(RunRow).on_conflict_do_nothing().returning(RunRow.id)
            made = connection.execute(fresh, [row]).scalar()
            if made is None:
                return None
            return _run(connection.execute(select(RunRow).where(RunRow.id == made)).mappings().one())

    def beat(self, run: int, now: datetime, *, doing: str, slots: int, busy: int, counts: Mapping[str, int]) -> None:
        """Record a heartbeat with the progress of a run.  A run that was marked as lost stays so until it ends."""
        self._set(
            run,
            until=now + ALIVE,
            doing=storable(doing),
            slots=slots,
            busy=busy,
            counts_json=_encode(counts),
        )

    def end(
        self,
        run: int,
        now: datetime,
        state: RunState,
        *,
        counts: Mapping[str, int],
        lag: float | None = None,
        error: str = "",
    ) -> None:
        """Record the end of a run."""
        self._set(
            run,
            ended=now,
            until=now,
            state=state,
            doing="",
            busy=0,
            counts_json=_encode(counts),
            lag=lag,
            error=storable(error)[:2000],
        )

    def _set(self, run: int, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(update(RunRow).where(RunRow.id == run).values(**values))

    def running(self, now: datetime) -> list[JobRun]:
        """Runs that are under way and alive, oldest first."""
        with self._database.read() as connection:
            query = select(RunRow).where(
                RunRow.state == RunState.RUNNING, RunRow.until > now, RunRow.until <= latest_sane(now, ALIVE)
            )
            return [_run(row) for row in connection.execute(query.order_by(RunRow.id)).mappings()]

    def last(self, job: str) -> JobRun | None:
        """The latest run of a job; its state is ``lost`` only once another one has begun."""
        with self._database.read() as connection:
            query = select(RunRow).where(RunRow.job == job).order_by(RunRow.id.desc()).limit(1)
            row = connection.execute(query).mappings().first()
            return None if row is None else _run(row)

    def answered(self, job: str, before: datetime) -> datetime | None:
        """Latest planned time of a job, not after ``before``, for which there was a run; None where there was none."""
        with self._database.read() as connection:
            query = select(func.max(RunRow.planned)).where(RunRow.job == job, RunRow.planned <= before)
            found: datetime | None = connection.execute(query).scalar()
            return found

    def tally(self) -> dict[tuple[str, str], int]:
        """Number of logged runs by job and state."""
        with self._database.read() as connection:
            query = select(RunRow.job, RunRow.state, func.count()).group_by(RunRow.job, RunRow.state)
            return {(job, state): count for job, state, count in connection.execute(query)}

    def latest(self, limit: int) -> list[JobRun]:
        """The latest runs, newest first."""
        with self._database.read() as connection:
            query = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
            return [_run(row) for row in connection.execute(query).mappings()]

    def forget(self, before: datetime) -> int:
        """Delete runs that ended before ``before``; the number deleted."""
        with self._database.write() as connection:
            return connection.execute(delete(RunRow).where(RunRow.ended < before)).rowcount


def release_ahead(connection: Connection, now: datetime) -> int:
    """Take back what runs that a clock ahead began say of the days to come; the number of these runs.

    Their planned times are answered no more, so that the job runs at these times, and a heartbeat that lies ahead is taken as one
    of now: a run that lives beats again, one that died is lost two minutes later.
    """
    begun = (RunRow.started > latest_sane(now)) & RunRow.planned.is_not(None)
    freed = connection.execute(update(RunRow).where(begun).values(planned=None)).rowcount
    beaten = (RunRow.state == RunState.RUNNING) & (RunRow.until > latest_sane(now, ALIVE))
    return freed + connection.execute(update(RunRow).where(beaten).values(until=now + ALIVE)).rowcount


def _find_lost(connection: Connection, now: datetime, host: str, dead: Collection[int]) -> None:
    gone = (RunRow.until <= now) | ((RunRow.host == host) & RunRow.pid.in_(list(dead)))
    change = update(RunRow).where(RunRow.state == RunState.RUNNING, gone)
    lost = "its heartbeats stopped: it was killed, or its machine is gone; what it had claimed returns to the backlog"
    connection.execute(change.values(state=RunState.LOST, ended=now, busy=0, doing="", error=lost))


def _encode(counts: Mapping[str, int]) -> str:
    return msgspec.json.encode(counts).decode()


def _run(row: RowMapping) -> JobRun:
    return JobRun(
        id=row["id"],
        job=row["job"],
        planned=row["planned"],
        started=row["started"],
        ended=row["ended"],
        state=RunState(row["state"]),
        host=row["host"],
        pid=row["pid"],
        doing=row["doing"],
        slots=row["slots"],
        busy=row["busy"],
        counts=msgspec.json.decode(row["counts_json"], type=dict[str, int]),
        lag=row["lag"],
        error=row["error"],
    )
