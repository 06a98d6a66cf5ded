"""The log of runs: each moment once, one run of a job at a time, and runs whose process ended."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from detector.store import JobRun, RunState, Store
from detector.store.runs import ALIVE, COMMAND
from tests.support.store.builders import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def begin(
    store: Store, job: str = "feeds", now: datetime = NOW, planned: datetime | None = None, **fields: object
) -> JobRun | None:
    return store.runs.begin(job, now, planned=planned, **{"host": "one", "pid": 7, **fields})  # type: ignore[arg-type]


def test_a_run_is_a_row_from_its_begin_to_its_end(store: Store) -> None:
    run = begin(store, planned=NOW)
    assert run is not None
    assert (run.state, run.host, run.pid, run.ended) == (RunState.RUNNING, "one", 7, None)
    store.runs.beat(run.id, NOW + HOUR, doing="capture", slots=4, busy=3, counts={"captured": 9})
    [seen] = store.runs.running(NOW + HOUR)
    assert (seen.doing, seen.slots, seen.busy, seen.counts) == ("capture", 4, 3, {"captured": 9})
    store.runs.end(run.id, NOW + 2 * HOUR, RunState.FAILED, counts={"captured": 12}, lag=1.5, error="a\0b")
    last = store.runs.last("feeds")
    assert last is not None
    assert (last.state, last.counts, last.lag, last.error) == (RunState.FAILED, {"captured": 12}, 1.5, "a\ufffdb")
    assert (last.started, last.ended, last.busy) == (NOW, NOW + 2 * HOUR, 0)
    assert store.runs.running(NOW + HOUR) == []


def test_no_run_of_a_job_begins_while_another_is_under_way(store: Store) -> None:
    first = begin(store, planned=NOW)
    assert first is not None
    assert begin(store, now=NOW + ALIVE / 2, planned=NOW + HOUR) is None
    assert begin(store, "reports", planned=NOW) is not None
    store.runs.end(first.id, NOW, RunState.DONE, counts={})
    assert begin(store, planned=NOW + HOUR) is not None


def test_each_moment_of_a_schedule_is_answered_once(store: Store) -> None:
    first = begin(store, planned=NOW)
    assert first is not None
    store.runs.end(first.id, NOW, RunState.DONE, counts={})
    assert begin(store, planned=NOW) is None
    assert store.runs.answered("feeds", NOW + HOUR) == NOW
    assert store.runs.answered("feeds", NOW - HOUR) is None
    assert store.runs.answered("reports", NOW) is None


def test_commands_stand_in_nobodys_way(store: Store) -> None:
    assert begin(store, COMMAND) is not None
    assert begin(store, COMMAND) is not None
    assert len(store.runs.running(NOW)) == 2


def test_a_run_without_a_sign_of_life_is_lost(store: Store) -> None:
    first = begin(store)
    assert first is not None
    later = NOW + ALIVE
    assert store.runs.running(later) == []
    assert begin(store, now=later) is not None
    assert {run.id: run.state for run in store.runs.latest(5)}[first.id] == RunState.LOST
    store.runs.end(first.id, later, RunState.DONE, counts={"captured": 1})
    assert {run.id: run.state for run in store.runs.latest(5)}[first.id] == RunState.DONE, "it was only slow"


def test_a_run_whose_process_is_gone_is_lost_at_once(store: Store) -> None:
    assert begin(store) is not None
    assert begin(store, host="two", pid=8, dead=[7]) is None, "another machine's process has the same number"
    assert begin(store, pid=9, dead=[7]) is not None


def test_of_many_that_begin_at_once_one_does(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda number: begin(store, planned=NOW + number * HOUR, pid=number), range(8)))
    assert sum(run is not None for run in runs) == 1


def test_old_runs_are_forgotten_and_those_under_way_are_not(store: Store) -> None:
    old = begin(store)
    assert old is not None
    store.runs.end(old.id, NOW, RunState.DONE, counts={})
    begin(store, now=NOW + HOUR)
    assert store.runs.forget(NOW + 2 * HOUR) == 1
    assert [run.state for run in store.runs.latest(5)] == [RunState.RUNNING]
    assert store.runs.tally() == {("feeds", "running"): 1}
