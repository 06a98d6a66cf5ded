"""The journal: an entry with each change that somebody relies on, in the same transaction, on both databases."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from detector.bundle import check_store
from detector.errors import StoreError
from detector.evidence import Evidence
from detector.model import CaseState, Phone, PhoneSource
from detector.store import JournalEntry, Store
from detector.store.chains import journal
from detector.store.chains.journal_reader import read_entry
from detector.store.migrations import VERSION_TABLE
from tests.support.servers.postgres import Server
from tests.support.store.builders import CLEAR, candidate, capture, flagged, python

DECIDE = """
import sys
from detector.model import CaseState
from detector.store import Store
from tests.support.store.builders import capture, flagged
with Store.open(sys.argv[1]) as store:
    for turn in range(4):
        store.record(capture(f"https://h{sys.argv[2]}-{turn}.example/"), flagged())
        for case in (1, 2):
            store.cases.move(case, CaseState.NEW, actor=sys.argv[2], comment=str(turn))
"""


def entries(store: Store) -> list[JournalEntry]:
    with store.journal.snapshot() as snapshot:
        return [read_entry(record.entry) for record in snapshot.records()]


def problems(store: Store, folder: Path) -> list[str]:
    return check_store(store, Evidence(str(folder / "evidence"))).problems


def test_a_decision_and_its_entry(database: str, tmp_path: Path) -> None:
    with Store.open(database) as store:
        store.record(capture(), flagged())
        before = len(entries(store))
        store.cases.move(1, CaseState.CONFIRMED, actor="ann", comment="sure " * 400)
        state, step = entries(store)[before:]
        assert (state.table, state.key, state.row and state.row["state"]) == ("cases", 1, "confirmed")
        assert step.row is not None
        assert (step.table, step.row["actor"], step.row["state_after"]) == ("custody", "ann", "confirmed")
        assert step.row["comment"]["characters"] == 2000
        assert problems(store, tmp_path) == []


def test_what_nobody_relies_on_has_no_entry(tmp_path: Path) -> None:
    with Store.open(tmp_path / "clonewatch.sqlite") as store:
        store.record(capture(phones=(Phone("+18005550100", "x", PhoneSource.TEXT, "US"),)), CLEAR)
        store.backlog.add([candidate()])
        assert entries(store) == []
        assert store.journal.unstamped() is None


def test_a_transaction_that_fails_leaves_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "clonewatch.sqlite") as store:
        store.record(capture(), flagged())
        before = entries(store)

        def fail(*_: object) -> None:
            raise StoreError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(journal, "advance", fail)
            with pytest.raises(StoreError, match="the disk is full"):
                store.cases.move(1, CaseState.CONFIRMED, actor="ann")
        assert (entries(store), store.cases.find()[0].state) == (before, CaseState.NEW)
        store.cases.move(1, CaseState.CONFIRMED, actor="ann")
        assert problems(store, tmp_path) == []


def test_processes_and_threads_write_one_journal(database: str, tmp_path: Path) -> None:
    with Store.open(database) as store:
        for number in range(2):
            store.record(capture(f"https://first{number}.example/"), flagged())
    processes = [python(DECIDE, database, str(number)) for number in range(2)]
    with Store.open(database) as store:

        def note(name: str) -> None:
            for turn in range(4):
                store.cases.move_all((2, 1) if name == "a" else (1, 2), CaseState.NEW, actor=name, comment=str(turn))

        threads = [threading.Thread(target=note, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for process in processes:
            process.communicate()
        assert [process.returncode for process in processes] == [0, 0]
        assert problems(store, tmp_path) == []
        steps = [entry.row for entry in entries(store) if entry.table == "custody" and entry.row]
        said = {(row["actor"], row["case_id"], row["comment"]) for row in steps if row["state_before"]}
        assert said == {(who, case, str(turn)) for who in "01ab" for case in (1, 2) for turn in range(4)}


def test_the_database_itself_refuses_a_fork(tmp_path: Path) -> None:
    path = tmp_path / "clonewatch.sqlite"
    with Store.open(path) as store:
        store.record(capture(), flagged())
    fork = (
        "INSERT INTO journal (sequence, sha256, previous, entry) SELECT 99, 'x', previous, entry FROM journal LIMIT 1"
    )
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match=r"journal\.previous"),
    ):
        connection.execute(fork)


def test_what_was_there_before_the_journal_is_taken_in_once(tmp_path: Path) -> None:
    path = tmp_path / "clonewatch.sqlite"
    with Store.open(path) as store:
        phones = (Phone("+18005550100", "x", PhoneSource.TEXT, "US"),)
        store.record(capture(phones=phones), flagged())
        store.record(capture("https://innocent.example/", phones=phones), CLEAR)
        store.cases.move(1, CaseState.CONFIRMED, actor="ann")
        known = {(entry.table, entry.key) for entry in entries(store)}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE journal")
        connection.execute("ALTER TABLE cases DROP COLUMN named")
        connection.execute("DELETE FROM chain_heads WHERE name = 'journal'")
        connection.execute("ALTER TABLE deliveries DROP COLUMN line")
        connection.execute("ALTER TABLE deliveries DROP COLUMN body_sha256")
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0009'")
    for _ in range(2):
        with Store.open(path) as store:
            found = entries(store)
            assert {(entry.table, entry.key) for entry in found} == known
            assert all(entry.taken_in for entry in found)
            assert problems(store, tmp_path) == []
    with Store.open(path) as store:
        store.cases.move(1, CaseState.DISMISSED, actor="ann")
        assert [entry.taken_in for entry in entries(store)[-2:]] == [False, False]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE custody SET actor = 'bob' WHERE actor = 'ann'", "actor is “bob” in its row, and “ann” by entry"),
        ("DELETE FROM custody WHERE actor = 'ann'", "step 2 of the custody log (case 1) is gone"),
        ("UPDATE cases SET state = 'dismissed'", "case 1: state is “dismissed” in its row, and “confirmed” by entry"),
        ("UPDATE captures SET probability = 0.5", "capture 1: probability is 0.5 in its row, and 0.97 by entry"),
        ("UPDATE phone_sightings SET vanity = true", "sighting 1 of a telephone number: vanity is 1 in its row"),
        ("UPDATE captures SET url_key = sha256_of_nothing", "capture 1: url_key is e3b0c44298fc1c149afbf4c8996fb924"),
        ("DELETE FROM journal WHERE sequence > 2", "missing from the end of the journal"),
        ("DROP INDEX ix_cases_state", "the database lacks the index ix_cases_state"),
        ("DROP TABLE probes", "the database lacks the table probes"),
        ("CREATE VIEW spy AS SELECT 1 AS one", "the database has a view spy"),
    ],
)
def test_tampering_is_named_on_both_databases(database: str, tmp_path: Path, statement: str, said: str) -> None:
    phones = (Phone("+18005550100", "x", PhoneSource.TEXT, "US"),)
    empty = hashlib.sha256(b"").hexdigest()
    literal = f"x'{empty}'" if database.startswith("sqlite") else f"decode('{empty}', 'hex')"
    with Store.open(database) as store:
        store.record(capture(phones=phones), flagged())
        store.cases.move(1, CaseState.CONFIRMED, actor="ann")
        assert problems(store, tmp_path) == []
        engine = create_engine(database)
        with engine.begin() as connection:
            connection.execute(text(statement.replace("sha256_of_nothing", literal)))
        engine.dispose()
        found = problems(store, tmp_path)
    assert any(said in problem for problem in found), found


def test_a_trigger_is_named_on_postgresql(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database("migrated")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.actor := ''x''; RETURN NEW; END'")
        )
        connection.execute(text("CREATE TRIGGER t BEFORE INSERT ON custody FOR EACH ROW EXECUTE FUNCTION f()"))
    engine.dispose()
    with Store.open(url) as store:
        assert any("the database has a trigger t" in problem for problem in problems(store, tmp_path))
