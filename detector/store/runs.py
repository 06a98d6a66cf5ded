"""Runs of crawl jobs: each moment of a schedule is answered once, by one run at a time, and a run that died is known to be lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.store.columns import storable
from detector.store.engine import Database, insert_for
from detector.store.models import RunRow

ALIVE = timedelta(minutes=2)
"""How long a run counts as alive after its last sign of life."""
COMMAND = ""
"""Job of a run that somebody started by a command."""


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Somebody ended it in good order."""
    LOST = "lost"
    """It gave no sign of life any more: killed, or its machine is gone."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run."""

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
    """Captures that it may do at once; 0: it does none."""
    busy: int
    counts: Mapping[str, int]
    lag: float | None
    """Seconds that the most overdue of what it did had waited."""
    error: str


class RunBook:
    """The book of runs.  Safe for several threads and several programs at once; every method is one transaction."""

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
        """Begin a run; None where one of the same job is under way, or that moment was answered before.

        ``dead``: process ids on ``host`` that are known to be gone: their runs are lost, however fresh.
        """
        with self._database.write() as connection:
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
            # whatever index stands against it: the moment's, or that of the job that runs
            fresh = insert_for(connection)(RunRow).on_conflict_do_nothing().returning(RunRow.id)
            made = connection.execute(fresh, [row]).scalar()
            if made is None:
                return None
            return _run(connection.execute(select(RunRow).where(RunRow.id == made)).mappings().one())

    def beat(self, run: int, now: datetime, *, doing: str, slots: int, busy: int, counts: Mapping[str, int]) -> None:
        """A sign of life, and how it goes.  A run that was given up for lost stays so until it ends."""
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
        """It is over."""
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
        """Those that are under way and alive, oldest first."""
        with self._database.read() as connection:
            query = select(RunRow).where(RunRow.state == RunState.RUNNING, RunRow.until > now)
            return [_run(row) for row in connection.execute(query.order_by(RunRow.id)).mappings()]

    def last(self, job: str) -> JobRun | None:
        """The latest run of a job; its state is ``lost`` only once another one has begun."""
        with self._database.read() as connection:
            query = select(RunRow).where(RunRow.job == job).order_by(RunRow.id.desc()).limit(1)
            row = connection.execute(query).mappings().first()
            return None if row is None else _run(row)

    def answered(self, job: str, before: datetime) -> datetime | None:
        """The latest moment of a job's schedule that a run has answered, not after ``before``."""
        with self._database.read() as connection:
            query = select(func.max(RunRow.planned)).where(RunRow.job == job, RunRow.planned <= before)
            found: datetime | None = connection.execute(query).scalar()
            return found

    def tally(self) -> dict[tuple[str, str], int]:
        """How many runs are in the book, by job and state."""
        with self._database.read() as connection:
            query = select(RunRow.job, RunRow.state, func.count()).group_by(RunRow.job, RunRow.state)
            return {(job, state): count for job, state, count in connection.execute(query)}

    def latest(self, limit: int) -> list[JobRun]:
        """The latest runs, newest first."""
        with self._database.read() as connection:
            query = select(RunRow).order_by(RunRow.id.desc()).limit(limit)
            return [_run(row) for row in connection.execute(query).mappings()]

    def forget(self, before: datetime) -> int:
        """Take runs out of the book that ended before; how many."""
        with self._database.write() as connection:
            return connection.execute(delete(RunRow).where(RunRow.ended < before)).rowcount


def _find_lost(connection: Connection, now: datetime, host: str, dead: Collection[int]) -> None:
    gone = (RunRow.until <= now) | ((RunRow.host == host) & RunRow.pid.in_(list(dead)))
    change = update(RunRow).where(RunRow.state == RunState.RUNNING, gone)
    lost = "it gave no sign of life any more: killed, or its machine is gone; what it had claimed comes back by itself"
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
