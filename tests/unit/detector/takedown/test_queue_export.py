"""Which cases go to the takedown desk, what a line says, and that each goes once."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from detector.evidence import Evidence
from detector.model import (
    Box,
    Brand,
    CaseState,
    Decision,
    Finding,
    PageFacts,
    Phone,
    PhoneSource,
    RedirectHop,
    StoredFile,
    TlsSummary,
    Verdict,
)
from detector.store import Store
from detector.takedown import SCHEMA, FolderSink, TakedownLine, export_cases, export_id, is_due, list_exports
from tests.support.program import ROOT
from tests.support.store.builders import LATER, NOW, capture, flagged, review

PAYPAL = Brand("paypal", "PayPal", domains=("paypal.com",), abuse_contact="phishing@paypal.example")
BRANDS = {"paypal": PAYPAL}
PNG = b"\x89PNG screenshot"
FULL = b"\x89PNG full page"
DOCUMENTED: dict[str, Any] = json.loads((ROOT / "docs" / "takedown.schema.json").read_bytes())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "clonewatch.sqlite") as opened:
        yield opened


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(str(tmp_path / "evidence"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def lines_of(out: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "takedown.jsonl").read_bytes().splitlines()]
    for line in lines:
        jsonschema.validate(line, DOCUMENTED, format_checker=jsonschema.FormatChecker())
    return lines


def add(store: Store, evidence: Evidence, host: str, verdict: Verdict) -> int:
    shot = evidence.put(PNG + host.encode(), "image/png")
    store.record(capture(f"https://{host}/login", screenshot=shot), verdict)
    return next(case.id for case in store.cases.find() if case.site == host)


def test_a_line_says_what_the_desk_needs(store: Store, evidence: Evidence, out: Path) -> None:
    seen = capture(
        "https://t.example/x",
        final_url="https://paypal-login.example:8443/signin",
        status=200,
        redirects=(
            RedirectHop("https://t.example/x", 302, "203.0.113.7"),
            RedirectHop("https://paypal-login.example:8443/signin", 200, "2001:db8::1"),
        ),
        screenshot=evidence.put(PNG, "image/png"),
        full_page=evidence.put(FULL, "image/png"),
        facts=PageFacts(title="Sign in"),
        phones=(Phone("+18005550142", "1-800-555-0142", PhoneSource.PICTURE, "US", Box(1, 2, 3, 4)),),
        tls=TlsSummary("TLS 1.3", "CN=paypal-login.example", "CN=Free CA", NOW, NOW + LATER),
    )
    measured = Finding("logo", "paypal", 0.9, "The logo of PayPal is on the page.", None, Box(1, 2, 3, 4))
    abstained = Finding("phash", "paypal", None, "", "no official page")
    frightens = Finding("scareware", "paypal", 0.8, "It frightens.")
    findings = (measured, abstained, frightens)
    store.record(seen, Verdict(Decision.FLAGGED, "paypal", 0.97, findings, "It shows the logo.", "1"))
    moment = datetime(2026, 3, 10, tzinfo=UTC)
    result = export_cases(store, evidence, FolderSink(out), library=BRANDS, now=lambda: moment)
    assert result.exported == (1,)
    [line] = lines_of(out)
    files = {item["role"]: item for item in line.pop("evidence")}
    assert line.pop("program").startswith("clonewatch ")
    assert line == {
        "schema": "clonewatch.takedown/2",
        "id": export_id(store.cases.find()[0]),
        "case": 1,
        "exported": "2026-03-10T00:00:00Z",
        "state": "new",
        "decision": "flagged",
        "probability": 0.97,
        "sentence": "It shows the logo.",
        "url": "https://t.example/x",
        "defanged_url": "hxxps://t[.]example/x",
        "final_url": "https://paypal-login.example:8443/signin",
        "defanged_final_url": "hxxps://paypal-login[.]example:8443/signin",
        "host": "paypal-login.example:8443",
        "brand": {
            "id": "paypal",
            "name": "PayPal",
            "abuse_contact": "phishing@paypal.example",
            "domains": ["paypal.com"],
        },
        "findings": [
            {
                "signal": "logo",
                "brand": "paypal",
                "measure": 0.9,
                "sentence": "The logo of PayPal is on the page.",
                "region": [1.0, 2.0, 3.0, 4.0],
            },
            {"signal": "scareware", "brand": "paypal", "measure": 0.8, "sentence": "It frightens.", "region": None},
        ],
        "lure_type": "tech_support",
        "phones": [
            {
                "number": "+18005550142",
                "written": "1-800-555-0142",
                "source": "picture",
                "country": "US",
                "vanity": False,
                "official": None,
            }
        ],
        "outcome": "ok",
        "status": 200,
        "first_seen": "2026-03-09T12:00:00Z",
        "last_seen": "2026-03-09T12:00:00Z",
        "redirects": [
            {"url": "https://t.example/x", "status": 302, "address": "203.0.113.7"},
            {"url": "https://paypal-login.example:8443/signin", "status": 200, "address": "2001:db8::1"},
        ],
        "tls": {
            "protocol": "TLS 1.3",
            "subject": "CN=paypal-login.example",
            "issuer": "CN=Free CA",
            "valid_from": "2026-03-09T12:00:00Z",
            "valid_to": "2026-03-09T13:00:00Z",
            "problem": "",
        },
        "addresses": ["203.0.113.7", "2001:db8::1"],
        "sources": ["scan"],
        "manifest": None,
    }
    assert set(files) == {"screenshot", "full_page", "page_facts"}
    for item in files.values():
        data = (out / item["file"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (item["sha256"], item["size"])
    assert (out / files["screenshot"]["file"]).read_bytes() == PNG
    assert json.loads((out / files["page_facts"]["file"]).read_bytes())["title"] == "Sign in"


def test_the_documented_schema_names_exactly_the_fields_of_a_line() -> None:
    names = {field.name for field in fields(TakedownLine)}
    assert set(DOCUMENTED["properties"]) == names
    assert set(DOCUMENTED["required"]) == names
    assert DOCUMENTED["properties"]["schema"]["const"] == SCHEMA
    assert set(DOCUMENTED["properties"]["state"]["enum"]) == {
        state for state, decision in product(CaseState, Decision) if _due(state, decision)
    }
    jsonschema.Draft202012Validator.check_schema(DOCUMENTED)


def test_a_line_with_an_unknown_field_is_no_line(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out))
    [line] = lines_of(out)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | {"surprise": 1}, DOCUMENTED)


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


def test_a_brand_that_the_library_does_not_know(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged("gone"))
    export_cases(store, evidence, FolderSink(out), library=BRANDS)
    assert lines_of(out)[0]["brand"] == {"id": "gone", "name": "gone", "abuse_contact": None, "domains": []}


def test_hostile_text_stays_on_its_line(store: Store, evidence: Evidence, out: Path) -> None:
    url = 'https://a.example/\u2028\r\n{"id":"forged"}\0\ud800'
    store.record(capture(url, final_url="https://a.example/"), flagged())
    export_cases(store, evidence, FolderSink(out))
    data = (out / "takedown.jsonl").read_bytes()
    assert data.count(b"\n") == 1
    assert lines_of(out)[0]["id"] == export_id(store.cases.find()[0])


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


def test_the_id_is_that_of_site_and_brand(store: Store, evidence: Evidence) -> None:
    add(store, evidence, "a.example", flagged())
    add(store, evidence, "b.example", flagged())
    store.record(capture("https://a.example/"), flagged("dhl"))
    ids = {(case.site, case.brand): export_id(case) for case in store.cases.find()}
    assert len(set(ids.values())) == 3
    assert ids["a.example", "paypal"] == "18157eda-5a0b-5d01-94b3-c9af658c9a7b"
