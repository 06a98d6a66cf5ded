"""Locks between a worker's processes: a candidate that may kill its worker is captured while no other capture runs."""

from __future__ import annotations

import fcntl
import multiprocessing
import multiprocessing.connection
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from crawler.jobs.broker.suspect_isolation import SuspectIsolation
from detector.store import Store
from tests.support.store.builders import candidate

SECONDS = 60


def _enter(folder: Path, alone: bool, pipe: Connection) -> None:
    isolation = SuspectIsolation(folder)
    with isolation.alone() if alone else isolation.beside_others():
        pipe.send("in")
        pipe.recv()
    pipe.send("out")


class Member:
    """A process that enters when it may, and leaves when it is told to."""

    def __init__(self, folder: Path, *, alone: bool) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=_enter, args=(folder, alone, theirs), daemon=True)
        self.process.start()

    def enters(self) -> bool:
        return self.pipe.poll(SECONDS) and self.pipe.recv() == "in"

    def leaves(self) -> bool:
        self.pipe.send("leave")
        return self.pipe.poll(SECONDS) and self.pipe.recv() == "out"


@contextmanager
def member(folder: Path, *, alone: bool) -> Iterator[Member]:
    one = Member(folder, alone=alone)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.join()


def wait_until_locked(lock: Path) -> None:
    """Wait until a process waits for the exclusive lock, or holds it."""
    deadline = time.monotonic() + SECONDS
    while True:
        assert time.monotonic() < deadline
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(descriptor)
        time.sleep(0.01)


def test_the_exclusive_lock_is_given_when_all_others_have_released_theirs(tmp_path: Path) -> None:
    with member(tmp_path, alone=False) as first, member(tmp_path, alone=False) as second:
        assert first.enters()
        assert second.enters()
        with member(tmp_path, alone=True) as alone:
            wait_until_locked(tmp_path / "queue.lock")
            assert not alone.pipe.poll()
            assert first.leaves()
            assert not alone.pipe.poll()
            second.process.kill()
            assert alone.enters()
            with member(tmp_path, alone=False) as late:
                assert not late.pipe.poll()
                assert alone.leaves()
                assert late.enters()


def test_a_process_that_is_killed_with_the_exclusive_lock_releases_it(tmp_path: Path) -> None:
    with member(tmp_path, alone=True) as alone, member(tmp_path, alone=False) as other:
        first = alone if alone.pipe in multiprocessing.connection.wait([alone.pipe, other.pipe], SECONDS) else other
        assert first.enters()
        first.process.kill()
        assert (other if first is alone else alone).enters()


def test_a_message_knows_that_an_earlier_worker_was_lost(database: str) -> None:
    with Store.open(database, lease_seconds=60, max_attempts=3) as store:
        store.backlog.add([candidate()])
        [held] = store.backlog.dispatch(5, timedelta(minutes=1))
        assert not store.backlog.lost_worker_before(held.id, held.token)
        assert store.backlog.begin(held.id, held.token) is not None
        assert store.backlog.lost_worker_before(held.id, held.token)
        assert not store.backlog.lost_worker_before(held.id, "somebody else's")
