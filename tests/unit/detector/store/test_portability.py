"""Every statement that the store sends to SQLite is one that PostgreSQL's dialect can say too."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.dml import Insert

import detector.store.backlog as backlog_module
import detector.store.cases as cases_module
import detector.store.ledger as ledger_module
from detector.model import CaseState, utcnow
from detector.store import Delivery, Signed, Store
from tests.store_support import CLEAR, NOW, candidate, capture, flagged


def exercise(store: Store) -> None:
    """Call every public method that sends a statement."""
    store.add_candidates([candidate(brands=("paypal",)), candidate("https://b.example/", brands=("dhl",))])
    store.add_candidates([candidate(brands=("venmo",))])
    store.known_urls(["https://b.example/"])
    [claim] = store.claim(1, brands=["paypal"])
    store.release(claim)
    [claim, other] = store.claim(2)
    store.finish(claim, capture(claim.candidate.url), flagged())
    for attempt in range(1, 4):
        store.claim(2, now=utcnow() + attempt * timedelta(hours=1))
    store.quarantined()
    store.record(capture(other.candidate.url), CLEAR)
    store.record(capture(), flagged(), seal=lambda link: Signed(link.previous.encode()))
    store.chain.seal(1, None, lambda link: Signed(link.previous.encode()))
    list(store.chain.manifests(case_id=1))
    assert store.chain.add_stamp(next(store.chain.unstamped()).sequence, b"stamp", NOW)
    store.chain.handovers(1)
    store.chain.unsealed()
    store.chain.capture_json(1)
    list(store.captures(brands=["paypal"], site="x", url="y", since=NOW, decisions=[]))
    [case] = store.cases(states=[CaseState.NEW], brands=["paypal"], decision=flagged().decision)
    store.set_state(case.id, CaseState.CONFIRMED, actor="ann")
    store.custody(case.id)
    store.add_delivery(Delivery("x", case.id, case.capture_id, "r", NOW))
    store.deliveries("x")
    store.remember("a", "b", "c")
    store.recall("a", "b")
    store.counts()


def test_statements_compile_for_postgresql(tmp_path: Path, monkeypatch: Any) -> None:
    said: list[str] = []

    def listen(_connection: object, element: Any, *_: object) -> None:
        if isinstance(element, Insert) and element.__class__.__module__.startswith("sqlalchemy.dialects.sqlite"):
            return
        if not isinstance(element, ExecutableDDLElement):
            said.append(str(element.compile(dialect=postgresql.dialect())))

    with Store.open(tmp_path / "clonewatch.sqlite") as store:
        event.listen(store._database._engine, "before_execute", listen)
        exercise(store)
    assert sum("FOR UPDATE SKIP LOCKED" in statement for statement in said) >= 3
    assert any(statement.startswith("UPDATE backlog") for statement in said)
    for module in (backlog_module, cases_module, ledger_module):
        monkeypatch.setattr(module, "insert_for", lambda _connection: postgresql.insert)
    inserts: list[str] = []

    def refuse(_connection: object, element: Any, *_: object) -> None:
        if isinstance(element, postgresql.Insert):
            inserts.append(str(element.compile(dialect=postgresql.dialect())))

    with Store.open(tmp_path / "other.sqlite") as store:
        event.listen(store._database._engine, "before_execute", refuse)
        exercise(store)
    assert {statement.split()[2] for statement in inserts} == {"backlog", "cases", "deliveries", "memory"}
    assert all(
        ("ON CONFLICT" in statement and "RETURNING" in statement) or "memory" in statement for statement in inserts
    )
