"""A line of the takedown queue: its fields, its files, and hostile text in it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from detector.evidence import Evidence
from detector.model import (
    Box,
    Brand,
    Bundle,
    Decision,
    DnsAnswer,
    Finding,
    Hosting,
    PageFacts,
    Phone,
    PhoneSource,
    RedirectHop,
    Registration,
    TlsSummary,
    Verdict,
)
from detector.store import Store
from detector.takedown import FolderSink, TakedownLine, export_cases, export_id
from tests.support.program import ROOT
from tests.support.store.builders import LATER, NOW, capture, flagged
from tests.support.store.takedown_queue import ANY, DOCUMENTED, add, lines_of

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
        address="198.51.100.9",
        dns=(
            DnsAnswer("t.example", ("203.0.113.7",)),
            DnsAnswer("Paypal-Login.example", ("198.51.100.10", "198.51.100.9")),
        ),
        registration=Registration(
            "paypal-login.example",
            NOW,
            "https://rdap.registry.example/",
            NOW,
            "Example Registrar",
            ("abuse@registrar.example",),
            ("ns1.hoster.example",),
        ),
        hosting=Hosting(
            "198.51.100.9",
            "198.51.100.0/24",
            "EXAMPLE-NET",
            "Example Hosting",
            "DE",
            ("abuse@hoster.example",),
            64500,
            "EXAMPLE-AS",
            "https://rdap.rir.example/ip/198.51.100.9",
            NOW,
        ),
        tls=TlsSummary("TLS 1.3", "CN=paypal-login.example", "CN=Free CA", NOW, NOW + LATER),
    )
    measured = Finding("logo", "paypal", 0.9, "The logo of PayPal is on the page.", None, Box(1, 2, 3, 4))
    abstained = Finding("phash", "paypal", None, "", "no official page")
    frightens = Finding("scareware", "paypal", 0.8, "It frightens.")
    nothing = Finding("links", "paypal", 0.0, "No link leads to PayPal.")
    findings = (measured, abstained, frightens, nothing)
    store.record(seen, Verdict(Decision.FLAGGED, "paypal", 0.97, findings, "It shows the logo.", "1"))
    moment = datetime(2026, 3, 10, tzinfo=UTC)
    result = export_cases(store, evidence, FolderSink(out), rules=ANY, library=BRANDS, now=lambda: moment)
    assert result.exported == (1,)
    [line] = lines_of(out)
    files = {item["role"]: item for item in line.pop("evidence")}
    assert line.pop("program").startswith("clonewatch ")
    assert line == {
        "schema": "clonewatch.takedown/3",
        "kind": "case",
        "id": export_id(store.cases.find()[0]),
        "number": 1,
        "case": 1,
        "exported": "2026-03-10T00:00:00Z",
        "state": "new",
        "rule": "any",
        "cloaking": None,
        "decision": "flagged",
        "probability": 0.97,
        "sentence": "It shows the logo.",
        "masked": False,
        "url": "https://t.example/x",
        "defanged_url": "hxxps://t[.]example/x",
        "final_url": "https://paypal-login.example:8443/signin",
        "defanged_final_url": "hxxps://paypal-login[.]example:8443/signin",
        "host": "paypal-login.example:8443",
        "site": "paypal-login.example:8443",
        "pages": [
            {
                "url": "https://t.example/x",
                "defanged_url": "hxxps://t[.]example/x",
                "final_url": "https://paypal-login.example:8443/signin",
                "defanged_final_url": "hxxps://paypal-login[.]example:8443/signin",
                "first_seen": "2026-03-09T12:00:00Z",
                "last_seen": "2026-03-09T12:00:00Z",
            }
        ],
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
        "addresses": ["198.51.100.9", "198.51.100.10", "203.0.113.7", "2001:db8::1"],
        "registration": {
            "domain": "paypal-login.example",
            "registered": "2026-03-09T12:00:00Z",
            "registrar": "Example Registrar",
            "abuse_contacts": ["abuse@registrar.example"],
            "name_servers": ["ns1.hoster.example"],
        },
        "hosting": {
            "address": "198.51.100.9",
            "network": "198.51.100.0/24",
            "network_name": "EXAMPLE-NET",
            "holder": "Example Hosting",
            "country": "DE",
            "abuse_contacts": ["abuse@hoster.example"],
            "as_number": 64500,
            "as_name": "EXAMPLE-AS",
        },
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
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    [line] = lines_of(out)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | {"surprise": 1}, DOCUMENTED)


def test_a_brand_that_the_library_does_not_know(store: Store, evidence: Evidence, out: Path) -> None:
    add(store, evidence, "a.example", flagged("gone"))
    export_cases(store, evidence, FolderSink(out), rules=ANY, library=BRANDS)
    assert lines_of(out)[0]["brand"] == {"id": "gone", "name": "gone", "abuse_contact": None, "domains": []}


def test_hostile_text_stays_on_its_line(store: Store, evidence: Evidence, out: Path) -> None:
    url = 'https://a.example/\u2028\r\n{"id":"forged"}\0\ud800'
    store.record(capture(url, final_url="https://a.example/"), flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
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


def test_a_cloaked_case_says_first_to_whom_the_page_is_shown_and_carries_all_evidence(
    store: Store, evidence: Evidence, out: Path
) -> None:
    harmless = capture(
        "https://clone.example/",
        final_url="https://garden.example/",
        profile="desktop",
        address="203.0.113.5",
        status=200,
        screenshot=evidence.put(b"garden", "image/png"),
        facts=PageFacts(title="Garden"),
    )
    seen = capture(
        "https://clone.example/",
        profile="phone",
        address="198.51.100.9",
        screenshot=evidence.put(PNG, "image/png"),
        bundle=Bundle(
            dom=evidence.put(b"<html>", "text/html"),
            warc=evidence.put(b"warc", "application/warc"),
            har=evidence.put(b"{}", "application/json"),
            certificates=evidence.put(b"pem", "application/x-pem-file"),
        ),
        facts=PageFacts(title="Sign in"),
        cloaked="A desktop is sent to another page.",
        others=(harmless,),
    )
    store.record(seen, flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY)
    [line] = lines_of(out)
    assert list(line).index("cloaking") < list(line).index("url")
    assert line["cloaking"] == {
        "sentence": "A desktop is sent to another page.",
        "shown_to": {
            "profile": "phone",
            "outcome": "ok",
            "status": None,
            "final_url": "https://clone.example/",
            "defanged_final_url": "hxxps://clone[.]example/",
            "addresses": ["198.51.100.9"],
        },
        "others": [
            {
                "profile": "desktop",
                "outcome": "ok",
                "status": 200,
                "final_url": "https://garden.example/",
                "defanged_final_url": "hxxps://garden[.]example/",
                "addresses": ["203.0.113.5"],
            }
        ],
    }
    held = {(item["profile"], item["role"]) for item in line["evidence"]}
    assert held == {
        *(("phone", role) for role in ("screenshot", "dom", "warc", "har", "certificates", "page_facts")),
        *(("desktop", role) for role in ("screenshot", "page_facts")),
    }
    for item in line["evidence"]:
        assert hashlib.sha256((out / item["file"]).read_bytes()).hexdigest() == item["sha256"]


@pytest.mark.parametrize("exact", [False, True])
def test_a_victims_mail_address_leaves_only_where_somebody_asks(
    store: Store, evidence: Evidence, out: Path, exact: bool
) -> None:
    victim, nobody = "jane.doe@corp.example", "masked@example.invalid"
    other = capture(f"https://clone.example/?e={victim}", profile="phone", final_url=f"https://b.example/#{victim}")
    seen = capture(
        f"https://clone.example/?e={victim}",
        final_url=f"https://jane:secret@clone.example/in/{victim}",
        redirects=(RedirectHop(f"https://clone.example/?e={victim}", 302, None),),
        cloaked="A phone is sent elsewhere.",
        others=(other,),
    )
    store.record(seen, flagged())
    export_cases(store, evidence, FolderSink(out), rules=ANY, exact_addresses=exact)
    [line] = lines_of(out)
    assert line["masked"] is not exact
    assert (victim in json.dumps(line), "secret" in json.dumps(line)) == (exact, exact)
    assert line["url"] == f"https://clone.example/?e={victim if exact else nobody}"
    assert line["cloaking"]["others"][0]["final_url"] == f"https://b.example/#{victim if exact else nobody}"


def test_the_documented_example_is_a_line() -> None:
    text = (ROOT / "docs" / "takedown.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    line = json.loads(example)
    jsonschema.validate(line, DOCUMENTED, format_checker=jsonschema.FormatChecker())
    assert list(line) == [field.name for field in fields(TakedownLine)]
