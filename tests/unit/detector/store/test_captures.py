"""Stored captures are read back unchanged, also with hostile text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from detector.model import (
    Box,
    Capture,
    Decision,
    Finding,
    Form,
    ImageBox,
    InputField,
    NetworkEntry,
    PageFacts,
    RedirectHop,
    StoredFile,
    TlsSummary,
    Verdict,
)
from detector.store import Store, text_key
from tests.support.store.builders import CLEAR, LATER, NOW, candidate, capture, flagged, review

PNG = StoredFile("a" * 64, "image/png", 1234)
FULL = Capture(
    url="https://paypal-login.example/a",
    outcome="http_404",
    started=datetime(2026, 3, 9, 12, 0, 0, 123456, tzinfo=UTC),
    seconds=1.5,
    final_url="https://paypal-login.example:8443/b",
    status=404,
    profile="phone",
    redirects=(
        RedirectHop("https://paypal-login.example/a", 302, "203.0.113.7"),
        RedirectHop("https://x.example/", None),
    ),
    screenshot=PNG,
    full_page=StoredFile("b" * 64, "image/png", 99),
    favicon=StoredFile("c" * 64, "image/x-icon", 5),
    facts=PageFacts(
        title="Anmelden – PayPal \u202e 😀",
        text="' OR 1=1; DROP TABLE captures; --\0",
        images=(ImageBox("img", Box(1, 2.5, 3, 4), "PayPal", "https://x.example/l.png"),),
        inputs=(InputField("password", "p", "Passwort", Box(0, 0, 10, 10), "current-password", "Passwort"),),
        forms=(Form("https://x.example/post", "post"),),
        links=("https://paypal.com/",),
        icons=("https://x.example/favicon.ico",),
        resources=("https://cdn.example/app.js",),
        url="https://x.example/",
        language="de",
    ),
    tls=TlsSummary("TLS 1.3", "CN=x", "CN=y", NOW, NOW + LATER),
    network=(NetworkEntry("https://x.example/", "GET", "document", 200, 10, None),),
    note="a note",
    browser="Chromium 156",
)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def test_capture_and_verdict_come_back_as_they_went_in(store: Store) -> None:
    verdict = Verdict(
        Decision.FLAGGED,
        "paypal",
        0.123456789,
        (Finding("logo", "paypal", 0.1, "s", None, Box(-1, 0, 1, 1)),),
        "why",
        "2",
    )
    capture_id = store.record(FULL, verdict)
    assert list(store.captures.stream()) == [(capture_id, FULL, verdict)]
    [case] = store.cases.find()
    assert (case.capture, case.verdict, case.capture_id) == (FULL, verdict, capture_id)


def test_lone_surrogates_of_a_page_become_replacement_characters(store: Store) -> None:
    page = PageFacts(title="a\ud83d", text="\udc00b \ud83d\ude00", links=("https://x.example/\ud800",))
    store.record(capture(facts=page, final_url="https://x.example/\udfff"), flagged("pay\ud800pal"))
    [(_, seen, verdict)] = store.captures.stream()
    assert seen.facts is not None
    assert seen.facts.title == "a\ufffd"
    assert seen.facts.text == "\ufffdb 😀"
    assert seen.facts.links == ("https://x.example/\ufffd",)
    assert seen.final_url == "https://x.example/\ufffd"
    assert verdict.brand == "pay\ufffdpal"


def test_columns_hold_what_is_queried(store: Store) -> None:
    store.record(FULL, flagged(probability=0.9), source="scan")
    columns = "url, final_url, site, outcome, decision, brand, probability, started, screenshot_sha256, source"
    with store._database.read() as connection:
        [row] = connection.execute(text(f"SELECT {columns} FROM captures"))
    started = 1773057600123456
    assert row == (
        FULL.url, FULL.final_url, "paypal-login.example:8443", "http_404", "flagged", "paypal", 0.9, started, "a" * 64, "scan"
    )  # fmt: skip


def test_captures_stream_newest_first_and_filtered(store: Store) -> None:
    ids = [store.record(capture(f"https://h{n}.example/", started=NOW + n * LATER), CLEAR) for n in range(120)]
    last = store.record(capture("https://x.example/", started=NOW - LATER), flagged("dhl"))
    assert [row[0] for row in store.captures.stream()] == [last, *reversed(ids)]
    assert [row[0] for row in store.captures.stream(decisions=[Decision.FLAGGED])] == [last]
    assert [row[0] for row in store.captures.stream(brands=["dhl"])] == [last]
    assert [row[0] for row in store.captures.stream(site="h7.example")] == [ids[7]]
    assert [row[0] for row in store.captures.stream(url="https://h8.example/")] == [ids[8]]
    assert [row[0] for row in store.captures.stream(since=NOW + 118 * LATER)] == [ids[119], ids[118]]
    assert list(store.captures.stream(brands=[])) == []


def test_a_stream_that_is_left_half_read_blocks_nobody(store: Store) -> None:
    for number in range(60):
        store.record(capture(f"https://h{number}.example/"), CLEAR)
    stream = store.captures.stream()
    next(stream)
    store.record(capture("https://late.example/"), CLEAR)
    assert len(list(stream)) == 59


def test_only_flagged_and_review_open_a_case(store: Store) -> None:
    for number, decision in enumerate((Decision.CLEAR, Decision.OWNED, Decision.UNSEEN)):
        store.record(capture(f"https://h{number}.example/"), Verdict(decision, "paypal", 0.9))
    assert store.cases.find() == []
    assert store.counts()["captures"] == 3


def test_one_case_a_site_and_brand(store: Store) -> None:
    store.record(capture("https://a.example/1"), flagged("paypal"), source="scan")
    store.record(capture("https://a.example/2"), flagged("paypal"), source="feeds")
    store.record(capture("https://a.example:8443/"), flagged("paypal"))
    store.record(capture("https://a.example/1"), flagged("dhl"))
    found = {(case.site, case.brand): case.sources for case in store.cases.find()}
    assert found == {
        ("a.example", "paypal"): ("scan", "feeds"),
        ("a.example:8443", "paypal"): ("scan",),
        ("a.example", "dhl"): ("scan",),
    }


def test_the_site_is_where_the_redirects_ended(store: Store) -> None:
    store.record(capture("https://t.example/x", final_url="https://clone.example/"), flagged())
    store.record(capture("https://u.example/x", final_url="chrome-error://chromewebdata/"), flagged())
    assert {case.site for case in store.cases.find()} == {"clone.example", "u.example"}


def test_a_newer_look_at_the_same_url_replaces_the_older(store: Store) -> None:
    store.record(capture(started=NOW), flagged())
    newer = store.record(capture(started=NOW + LATER), review())
    store.record(capture(started=NOW - LATER), flagged())
    [case] = store.cases.find()
    assert case.capture_id == newer
    assert case.verdict.decision is Decision.REVIEW


def test_the_strongest_page_of_a_site_stays_in_front(store: Store) -> None:
    strong = store.record(capture("https://a.example/login"), flagged(probability=0.9))
    store.record(capture("https://a.example/"), review(probability=0.95))
    assert store.cases.find()[0].capture_id == strong
    stronger = store.record(capture("https://a.example/verify"), flagged(probability=0.99))
    assert store.cases.find()[0].capture_id == stronger


def test_cases_of_a_finished_claim_name_all_its_sources(store: Store) -> None:
    store.backlog.add([candidate(source="permutations"), candidate("https://b.example/", source="ct")])
    store.backlog.add([candidate(source="feeds:openphish")])
    for claim in store.backlog.claim(2):
        store.finish(claim, capture(claim.candidate.url), flagged())
    assert {case.sources for case in store.cases.find()} == {("permutations", "feeds:openphish"), ("ct",)}


def test_a_result_that_cannot_be_stored_leaves_nothing_behind(store: Store) -> None:
    store.backlog.add([candidate()])
    [claim] = store.backlog.claim(1)
    with pytest.raises(StatementError, match="no time zone"):
        store.finish(claim, capture(started=datetime(2026, 1, 1)), flagged())
    counts = store.counts()
    assert (counts["captures"], counts["cases"], counts["leased"]) == (0, 0, 1)


def test_sources_remember_where_they_were(store: Store) -> None:
    assert store.sources.get("ct", text_key("argon2026")) is None
    store.sources.put("ct", text_key("argon2026"), "17")
    store.sources.put("ct", text_key("argon2026"), "18")
    store.sources.put("ct", text_key("xenon2026"), "1")
    assert store.sources.get("ct", text_key("argon2026")) == "18"
    assert store.sources.get("feeds", text_key("argon2026")) is None
