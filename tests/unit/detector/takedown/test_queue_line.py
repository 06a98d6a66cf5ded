"""A line of the takedown queue: its fields, its files, and hostile text in it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from detector.evidence import Evidence
from detector.model import (
    Box,
    Brand,
    Decision,
    Finding,
    PageFacts,
    Phone,
    PhoneSource,
    RedirectHop,
    TlsSummary,
    Verdict,
)
from detector.store import Store
from detector.takedown import FolderSink, export_cases, export_id
from tests.support.store.builders import LATER, NOW, capture, flagged
from tests.support.store.takedown_queue import DOCUMENTED, add, lines_of

PAYPAL = Brand("paypal", "PayPal", domains=("paypal.com",), abuse_contact="phishing@paypal.example")
BRANDS = {"paypal": PAYPAL}
PNG = b"\x89PNG screenshot"
FULL = b"\x89PNG full page"


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


def test_a_line_with_an_unknown_field_is_no_line(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged())
    export_cases(store, evidence, FolderSink(out))
    [line] = lines_of(out)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | {"surprise": 1}, DOCUMENTED)


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


def test_the_id_is_that_of_site_and_brand(store: Store, evidence: Evidence) -> None:
    add(store, evidence, "a.example", flagged())
    add(store, evidence, "b.example", flagged())
    store.record(capture("https://a.example/"), flagged("dhl"))
    ids = {(case.site, case.brand): export_id(case) for case in store.cases.find()}
    assert len(set(ids.values())) == 3
    assert ids["a.example", "paypal"] == "18157eda-5a0b-5d01-94b3-c9af658c9a7b"
