"""Which cases go to the takedown desk, and that each goes once."""

from __future__ import annotations

import shutil
from dataclasses import fields
from itertools import product
from pathlib import Path

import jsonschema
import pytest

from detector.config import ReleaseRule
from detector.evidence import Evidence
from detector.model import (
    CaseState,
    Decision,
    StoredFile,
)
from detector.store import Store
from detector.takedown import SCHEMA, FolderSink, TakedownLine, export_cases, list_exports
from detector.takedown.queue_export import CONCERNED_STATES
from detector.takedown.queue_line import WithdrawalLine
from tests.support.store.builders import capture, flagged, review
from tests.support.store.takedown_queue import ANY, DOCUMENTED, add, lines_of


def test_the_documented_schema_names_exactly_the_fields_of_the_lines() -> None:
    for kind, line in (("case", TakedownLine), ("withdrawal", WithdrawalLine)):
        described = DOCUMENTED["$defs"][kind]
        names = {field.name for field in fields(line)}
        assert set(described["properties"]) == set(described["required"]) == names
        assert described["properties"]["schema"]["const"] == SCHEMA
        assert described["properties"]["kind"]["const"] == kind
    states = DOCUMENTED["$defs"]["case"]["properties"]["state"]["enum"]
    assert set(states) == {str(state) for state in CONCERNED_STATES - {CaseState.DISMISSED}}
    jsonschema.Draft202012Validator.check_schema(DOCUMENTED)


@pytest.mark.parametrize("rules", [(), ANY])
def test_which_cases_leave(store: Store, evidence: Evidence, out: Path, rules: tuple[ReleaseRule, ...]) -> None:
    ways = {CaseState.TAKEDOWN_REQUESTED: [CaseState.CONFIRMED], CaseState.RELAPSED: [CaseState.DOWN]}
    by_person = {CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED}
    by_rule = {CaseState.NEW, CaseState.IN_REVIEW, CaseState.RELAPSED}
    leave, wait = set(), set()
    for number, (state, verdict) in enumerate(product(CaseState, (flagged(), review()))):
        case_id = add(store, evidence, f"h{number}.example", verdict)
        for step in [*ways.get(state, []), state]:
            store.cases.move(case_id, step, actor="ann")
        unreviewed = state in by_rule and verdict.decision is Decision.FLAGGED
        if state in by_person or (unreviewed and rules):
            leave.add(case_id)
        elif unreviewed:
            wait.add(case_id)
    result = export_cases(store, evidence, FolderSink(out), rules=rules)
    assert set(result.exported) == {line["case"] for line in lines_of(out)} == leave
    assert result.unreviewed == len(wait)
    assert {entry.case for entry in list_exports(store, rules=rules)} == leave


def test_a_second_run_adds_nothing(store: Store, evidence: Evidence, out: Path) -> None:
    for number in range(3):
        add(store, evidence, f"h{number}.example", flagged())
    first = export_cases(store, evidence, FolderSink(out), rules=ANY)
    assert (len(first.exported), first.before) == (3, 0)
    content = (out / "takedown.jsonl").read_bytes()
    second = export_cases(store, evidence, FolderSink(out), rules=ANY)
    assert (second.exported, second.before) == ((), 3)
    assert (out / "takedown.jsonl").read_bytes() == content


def test_a_case_that_becomes_due_later_is_added(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    later = add(store, evidence, "b.example", review())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    store.cases.move(later, CaseState.CONFIRMED, actor="ann")
    result = export_cases(store, evidence, FolderSink(out), rules=ANY)
    assert (result.exported, result.before) == ((later,), 1)
    assert [line["host"] for line in lines_of(out)] == ["a.example", "b.example"]


def test_a_file_that_the_desk_took_away_is_not_filled_again(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    shutil.rmtree(out)
    add(store, evidence, "b.example", flagged())
    assert export_cases(store, evidence, FolderSink(out), rules=ANY).before == 1
    assert [line["host"] for line in lines_of(out)] == ["b.example"]


def test_another_folder_is_another_queue(store: Store, evidence: Evidence, tmp_path: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(tmp_path / "one"), rules=ANY)
    assert export_cases(store, evidence, FolderSink(tmp_path / "two"), rules=ANY).exported == (1,)
    assert lines_of(tmp_path / "one")[0]["id"] == lines_of(tmp_path / "two")[0]["id"]


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_crash_at_any_byte_of_the_last_line_costs_and_doubles_nothing(
    store: Store, evidence: Evidence, out: Path, tmp_path: Path, kept: int
) -> None:
    """The store is as it was before the crash: ``kept`` rows entered, the line after them cut anywhere."""
    for number in range(3):
        add(store, evidence, f"h{number}.example", flagged(probability=0.9 - number / 100))
    export_cases(store, evidence, FolderSink(out), rules=ANY)
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
            result = export_cases(crashed, evidence, FolderSink(out), rules=ANY)
            assert [line["case"] for line in lines_of(out)] == [1, 2, 3]
            assert len(result.exported) + result.before == 3
            assert [delivery.case_id for delivery in crashed.deliveries.find()] == [1, 2, 3]
            assert export_cases(crashed, evidence, FolderSink(out), rules=ANY).exported == ()


def test_a_case_without_its_evidence_holds_up_nobody(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    missing = StoredFile("0" * 64, "image/png", 3)
    store.record(capture("https://b.example/", screenshot=missing), flagged())
    altered = evidence.put(b"as it was", "image/png")
    Path(evidence.path(altered)).write_bytes(b"as it is!")
    store.record(capture("https://c.example/", screenshot=altered), flagged())
    result = export_cases(store, evidence, FolderSink(out), rules=ANY)
    assert [line["host"] for line in lines_of(out)] == ["a.example"]
    assert [case_id for case_id, _ in result.failed] == [2, 3]
    assert "altered" in result.failed[1][1]
    Path(evidence.path(altered)).write_bytes(b"as it was")
    assert export_cases(store, evidence, FolderSink(out), rules=ANY).exported == (3,)


def test_the_list_shows_what_went_and_what_waits(store: Store, evidence: Evidence, out: Path) -> None:
    went = add(store, evidence, "a.example", flagged(probability=0.9))
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    add(store, evidence, "review.example", review())
    waits = add(store, evidence, "b.example", flagged(probability=0.99))
    entries = list_exports(store, rules=ANY)
    assert [(entry.case, entry.exported is None) for entry in entries] == [(went, False), (waits, True)]
    assert entries[0].destination == str(out / "takedown.jsonl")
    assert entries[0].id == lines_of(out)[0]["id"]
    assert [entry.case for entry in list_exports(store)] == [went]


def test_a_case_that_was_dismissed_is_withdrawn_once_where_it_was_handed_over(
    store: Store, evidence: Evidence, out: Path, tmp_path: Path
) -> None:
    case_id = add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    store.cases.move(case_id, CaseState.DISMISSED, actor="ann", comment="their own\u202e page")
    result = export_cases(store, evidence, FolderSink(out), rules=ANY, actor="bert")
    assert (result.exported, result.withdrawn) == ((), (case_id,))
    assert export_cases(store, evidence, FolderSink(out), rules=ANY).withdrawn == ()
    assert export_cases(store, evidence, FolderSink(tmp_path / "other"), rules=ANY).withdrawn == ()
    first, second = lines_of(out)
    assert (second["kind"], second["id"], second["number"]) == ("withdrawal", first["id"], 2)
    assert second["reason"].startswith("their own")
    assert [step.action for step in store.custody.steps(case_id)] == ["state", "takedown", "state", "withdrawal"]
    [entry] = list_exports(store)
    assert entry.withdrawn is not None
    assert store.chain.handovers()[-1].handover.actor == "bert"


def test_a_withdrawal_that_a_crash_came_after_is_entered_and_not_written_twice(
    store: Store, evidence: Evidence, out: Path, tmp_path: Path
) -> None:
    case_id = add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    store.cases.move(case_id, CaseState.DISMISSED, actor="ann")
    before = store.deliveries.find()
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    written = (out / "takedown.jsonl").read_bytes()
    with Store.open(tmp_path / "before-the-crash.sqlite") as crashed:
        add(crashed, evidence, "a.example", flagged())
        for delivery in before:
            crashed.deliveries.add(delivery)
        crashed.cases.move(case_id, CaseState.DISMISSED, actor="ann")
        assert export_cases(crashed, evidence, FolderSink(out), rules=ANY).withdrawn == (case_id,)
        assert [(step.number, step.withdrawal) for step in crashed.deliveries.find()] == [(1, False), (2, True)]
    assert (out / "takedown.jsonl").read_bytes() == written


def test_a_person_who_confirms_a_withdrawn_case_sends_it_again(store: Store, evidence: Evidence, out: Path) -> None:
    case_id = add(store, evidence, "a.example", flagged())
    for state in (CaseState.DISMISSED, CaseState.CONFIRMED, CaseState.DISMISSED, CaseState.CONFIRMED):
        export_cases(store, evidence, FolderSink(out), rules=ANY)
        store.cases.move(case_id, state, actor="ann")
    export_cases(store, evidence, FolderSink(out))
    lines = lines_of(out)
    assert [line["kind"] for line in lines] == ["case", "withdrawal", "case", "withdrawal", "case"]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["rule"] for line in lines[::2]] == ["any", None, None]
