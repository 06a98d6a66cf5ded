"""Which cases go to the takedown desk, and that each goes once."""

from __future__ import annotations

import shutil
from dataclasses import fields
from itertools import product
from pathlib import Path

import jsonschema
import pytest

from detector.evidence import Evidence
from detector.model import (
    CaseState,
    Decision,
    StoredFile,
)
from detector.store import Store
from detector.takedown import SCHEMA, FolderSink, TakedownLine, export_cases, is_due, list_exports
from tests.support.store.builders import capture, flagged, review
from tests.support.store.takedown_queue import DOCUMENTED, add, lines_of


def test_the_documented_schema_names_exactly_the_fields_of_a_line() -> None:
    names = {field.name for field in fields(TakedownLine)}
    assert set(DOCUMENTED["properties"]) == names
    assert set(DOCUMENTED["required"]) == names
    assert DOCUMENTED["properties"]["schema"]["const"] == SCHEMA
    assert set(DOCUMENTED["properties"]["state"]["enum"]) == {
        state for state, decision in product(CaseState, Decision) if _due(state, decision)
    }
    jsonschema.Draft202012Validator.check_schema(DOCUMENTED)


def _due(state: CaseState, decision: Decision, *, confirmed_only: bool = False) -> bool:
    if state in {CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED}:
        return True
    if state in {CaseState.DISMISSED, CaseState.DOWN}:
        return False
    return decision is Decision.FLAGGED and not confirmed_only


@pytest.mark.parametrize("confirmed_only", [False, True])
def test_which_cases_are_due(store: Store, evidence: Evidence, out: Path, confirmed_only: bool) -> None:
    ways = {CaseState.TAKEDOWN_REQUESTED: [CaseState.CONFIRMED], CaseState.RELAPSED: [CaseState.DOWN]}
    expected = set()
    for number, (state, verdict) in enumerate(product(CaseState, (flagged(), review()))):
        case_id = add(store, evidence, f"h{number}.example", verdict)
        for step in [*ways.get(state, []), state]:
            store.cases.move(case_id, step, actor="ann")
        if _due(state, verdict.decision, confirmed_only=confirmed_only):
            expected.add(case_id)
        case = store.cases.get(case_id)
        assert case is not None
        assert is_due(case, confirmed_only=confirmed_only) == (case_id in expected)
    result = export_cases(store, evidence, FolderSink(out), confirmed_only=confirmed_only)
    assert set(result.exported) == {line["case"] for line in lines_of(out)} == expected


def test_a_second_run_adds_nothing(store: Store, evidence: Evidence, out: Path) -> None:
    for number in range(3):
        add(store, evidence, f"h{number}.example", flagged())
    first = export_cases(store, evidence, FolderSink(out))
    assert (len(first.exported), first.before) == (3, 0)
    content = (out / "takedown.jsonl").read_bytes()
    second = export_cases(store, evidence, FolderSink(out))
    assert (second.exported, second.before) == ((), 3)
    assert (out / "takedown.jsonl").read_bytes() == content


def test_a_case_that_becomes_due_later_is_added(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    later = add(store, evidence, "b.example", review())
    export_cases(store, evidence, FolderSink(out))
    store.cases.move(later, CaseState.CONFIRMED, actor="ann")
    result = export_cases(store, evidence, FolderSink(out))
    assert (result.exported, result.before) == ((later,), 1)
    assert [line["host"] for line in lines_of(out)] == ["a.example", "b.example"]


def test_a_file_that_the_desk_took_away_is_not_filled_again(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out))
    shutil.rmtree(out)
    add(store, evidence, "b.example", flagged())
    assert export_cases(store, evidence, FolderSink(out)).before == 1
    assert [line["host"] for line in lines_of(out)] == ["b.example"]


def test_another_folder_is_another_queue(store: Store, evidence: Evidence, tmp_path: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(tmp_path / "one"))
    assert export_cases(store, evidence, FolderSink(tmp_path / "two")).exported == (1,)
    assert lines_of(tmp_path / "one")[0]["id"] == lines_of(tmp_path / "two")[0]["id"]


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_crash_at_any_byte_of_the_last_line_costs_and_doubles_nothing(
    store: Store, evidence: Evidence, out: Path, tmp_path: Path, kept: int
) -> None:
    """The store is as it was before the crash: ``kept`` rows entered, the line after them cut anywhere."""
    for number in range(3):
        add(store, evidence, f"h{number}.example", flagged(probability=0.9 - number / 100))
    export_cases(store, evidence, FolderSink(out))
    whole = (out / "takedown.jsonl").read_bytes()
    deliveries = store.deliveries.find()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == 10]
    start = 0 if kept == 0 else ends[kept - 1]
    for cut in {start, start + 1, start + 9, (start + ends[kept]) // 2, ends[kept] - 2, ends[kept] - 1, ends[kept]}:
        with Store.open(tmp_path / f"crashed-{cut}.sqlite") as crashed:
            for number in range(3):
                add(crashed, evidence, f"h{number}.example", flagged(probability=0.9 - number / 100))
            for delivery in deliveries[:kept]:
                crashed.deliveries.add(delivery)
            (out / "takedown.jsonl").write_bytes(whole[:cut])
            result = export_cases(crashed, evidence, FolderSink(out))
            assert [line["case"] for line in lines_of(out)] == [1, 2, 3]
            assert len(result.exported) + result.before == 3
            assert [delivery.case_id for delivery in crashed.deliveries.find()] == [1, 2, 3]
            assert export_cases(crashed, evidence, FolderSink(out)).exported == ()


def test_a_case_without_its_evidence_holds_up_nobody(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    missing = StoredFile("0" * 64, "image/png", 3)
    store.record(capture("https://b.example/", screenshot=missing), flagged())
    altered = evidence.put(b"as it was", "image/png")
    Path(evidence.path(altered)).write_bytes(b"as it is!")
    store.record(capture("https://c.example/", screenshot=altered), flagged())
    result = export_cases(store, evidence, FolderSink(out))
    assert [line["host"] for line in lines_of(out)] == ["a.example"]
    assert [case_id for case_id, _ in result.failed] == [2, 3]
    assert "altered" in result.failed[1][1]
    Path(evidence.path(altered)).write_bytes(b"as it was")
    assert export_cases(store, evidence, FolderSink(out)).exported == (3,)


def test_the_list_shows_what_went_and_what_waits(store: Store, evidence: Evidence, out: Path) -> None:
    went = add(store, evidence, "a.example", flagged(probability=0.9))
    export_cases(store, evidence, FolderSink(out))
    add(store, evidence, "review.example", review())
    waits = add(store, evidence, "b.example", flagged(probability=0.99))
    entries = list_exports(store)
    assert [(entry.case, entry.exported is None) for entry in entries] == [(went, False), (waits, True)]
    assert entries[0].destination == str(out / "takedown.jsonl")
    assert entries[0].id == lines_of(out)[0]["id"]
    assert [entry.case for entry in list_exports(store, confirmed_only=True)] == [went]
