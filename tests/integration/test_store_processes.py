"""Several processes on one database, and the state of their work after SIGKILL."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest

from detector.model import utcnow
from detector.store import Store
from tests.support.store.builders import candidate, open_at_once, python

pytestmark = pytest.mark.ordeal

CLAIM_ALL = """
import sys
from detector.model import Decision, Verdict
from detector.store import Store
from tests.support.store.builders import capture
with Store.open(sys.argv[1]) as store:
    while claims := store.backlog.claim(3):
        for claim in claims:
            store.finish(claim, capture(claim.candidate.url), Verdict(Decision.CLEAR))
            print(claim.id, flush=True)
"""

CLAIM_AND_HANG = """
import sys, signal
from detector.store import Store
store = Store.open(sys.argv[1])
print(store.backlog.claim(1)[0].id, flush=True)
signal.pause()
"""

RECORD_FOR_EVER = """
import sys
from itertools import count
from detector.store import Store
from tests.support.store.builders import capture, flagged
store = Store.open(sys.argv[1])
for number in count():
    url = f"https://h{sys.argv[2]}-{number}.example/"
    store.record(capture(url, note="x" * 20_000), flagged())
    print(url, flush=True)
"""


def test_programs_that_open_a_new_database_at_once_all_find_it(database: str) -> None:
    assert open_at_once(database) == ["was here"] * 6


def test_every_row_is_claimed_exactly_once(database: str) -> None:
    with Store.open(database) as store:
        store.backlog.add(candidate(f"https://h{number}.example/") for number in range(300))
    processes = [python(CLAIM_ALL, database) for _ in range(3)]
    shares = [[int(line) for line in process.communicate()[0].split()] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert set(Counter(number for share in shares for number in share).values()) == {1}
    assert sum(map(len, shares)) == 300
    with Store.open(database) as store:
        counts = store.counts()
    assert (counts["done"], counts["captures"], counts["due"], counts["leased"]) == (300, 300, 0, 0)


def test_the_row_of_a_killed_worker_returns_after_its_lease(database: str) -> None:
    with Store.open(database) as store:
        store.backlog.add([candidate()])
        worker = python(CLAIM_AND_HANG, database)
        assert worker.stdout is not None
        row = int(worker.stdout.readline())
        worker.kill()
        worker.communicate()
        assert worker.returncode == -signal.SIGKILL
        assert store.backlog.claim(1) == []
        [claim] = store.backlog.claim(1, now=utcnow() + timedelta(seconds=301))
        assert (claim.id, claim.attempts) == (row, 2)


def test_sigkill_loses_nothing_that_was_committed(database: str) -> None:
    said: list[str] = []
    for turn in range(4):
        writer = python(RECORD_FOR_EVER, database, str(turn))
        assert writer.stdout is not None
        said += [writer.stdout.readline().strip() for _ in range(5 + 7 * turn)]
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.communicate()[0].split()
    with Store.open(database) as store:
        stored = {capture.url for _, capture, _ in store.captures.stream()}
        assert stored >= set(said)
        assert len(store.cases.find()) == store.counts()["captures"] == store.counts()["done"]
    if not database.startswith("sqlite"):
        return
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_threads_share_one_store(database: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Store.open(database) as store:
        store.backlog.add(candidate(f"https://h{number}.example/") for number in range(60))
        with ThreadPoolExecutor(6) as pool:
            claims = [claim for claims in pool.map(lambda _: store.backlog.claim(10), range(6)) for claim in claims]
    assert len({claim.id for claim in claims}) == len(claims) == 60
