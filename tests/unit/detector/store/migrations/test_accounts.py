"""Databases from before accounts of one host were told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from detector.bundle.bundle_verifier import TrustAnchors
from detector.bundle.journal_check import check_journal
from detector.model import CaseState
from detector.store import Delivery, Store
from detector.store.migrations import VERSION_TABLE
from detector.takedown import export_id
from tests.support.store.builders import CLEAR, NOW, capture, flagged, review

ONE, TWO = "https://s3.amazonaws.com/one/login.html", "https://s3.amazonaws.com/two/login.html"
FORM = "https://docs.google.com/forms/d/e/1FAIpQLSa/viewform"


@contextmanager
def of_before(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A database as the version before would have filled it."""
    with monkeypatch.context() as patched:
        patched.setattr("detector.store.sites.site_path", lambda url: "")
        with Store.open(database) as store:
            yield store
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE cases DROP COLUMN named"))
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0010'"))
    engine.dispose()


def test_each_account_has_its_case_and_decisions_stay(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with of_before(database, monkeypatch) as store:
        store.record(capture(ONE), flagged(probability=0.99))
        store.record(capture(TWO), flagged())
        store.record(capture(TWO + "?again"), review())
        store.record(capture(FORM), review("dhl"))
        store.record(capture("https://plain.example/"), flagged())
        store.record(capture("https://s3.amazonaws.com/three/"), CLEAR)
        before = {case.site: case for case in store.cases.find()}
        assert set(before) == {"s3.amazonaws.com", "docs.google.com", "plain.example"}
        shared = before["s3.amazonaws.com"]
        store.cases.move(shared.id, CaseState.CONFIRMED, actor="ann")
        store.cases.move(shared.id, CaseState.DISMISSED, actor="ann", comment="a test")
        reference = export_id(shared)
        store.deliveries.add(Delivery("desk", shared.id, shared.capture_id, reference, NOW))
    with Store.open(database) as store:
        cases = {case.site: case for case in store.cases.find()}
        assert set(cases) == {
            "s3.amazonaws.com/one",
            "s3.amazonaws.com/two",
            "docs.google.com/forms/d/e/1FAIpQLSa",
            "plain.example",
        }
        kept, opened = cases["s3.amazonaws.com/one"], cases["s3.amazonaws.com/two"]
        assert (kept.id, kept.state, export_id(kept)) == (shared.id, CaseState.DISMISSED, reference)
        assert (opened.state, opened.capture.url, opened.named) == (CaseState.NEW, TWO, "")
        assert {page.url for page in store.cases.pages(opened)} == {TWO, TWO + "?again"}
        assert export_id(opened) != reference
        assert check_journal(store, TrustAnchors()).problems == []
        store.record(capture(ONE), flagged())
        store.record(capture(TWO), flagged())
        assert {case.site: case.state for case in store.cases.find()} == {
            "s3.amazonaws.com/one": CaseState.DISMISSED,
            "s3.amazonaws.com/two": CaseState.NEW,
            "docs.google.com/forms/d/e/1FAIpQLSa": CaseState.NEW,
            "plain.example": CaseState.NEW,
        }
    with Store.open(database) as store:
        assert len(store.cases.find()) == 4
        assert check_journal(store, TrustAnchors()).problems == []


def test_a_damaged_capture_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = f"sqlite:///{tmp_path / 'clonewatch.sqlite'}"
    with of_before(database, monkeypatch) as store:
        store.record(capture(ONE), flagged())
        damaged = store.record(capture(TWO), flagged())
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE captures SET capture_json = '[' WHERE id = {damaged}"))
    engine.dispose()
    with Store.open(database) as store:
        assert [case.site for case in store.cases.find()] == ["s3.amazonaws.com/one"]
