"""Cloaked cases, clicks, challenges and numbers on a case's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.model import Bundle, Capture, Challenge, Click, PageFacts, Phone, PhoneSource
from detector.present.look_view import visitor
from tests.support.store.report_cases import HOSTILE_TITLE, NOON, Desk, drawn, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(tmp_path)
    yield opened
    opened.store.close()


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("desktop", "Desktop"),
        ("phone-de@search", "Android phone in DE from a search engine"),
        ("iphone@sms", "iPhone from a text message"),
        ("tv@ads", "Tv from ads"),
    ],
)
def test_profiles_in_words(profile: str, words: str) -> None:
    assert visitor(profile) == words


def test_a_cloaked_case_shows_both_pictures(desk: Desk) -> None:
    url, picture = "https://glimmer-0.example/login", desk.evidence.put(drawn(7, (400, 800)), "image/png")
    facts = PageFacts(title=HOSTILE_TITLE)
    other = Capture(url, "ok", started=NOON, final_url="https://decoy.example/", facts=facts, screenshot=picture)
    gone = Capture(url, "http_404", started=NOON, profile="iphone-gb")
    said = "As desktop it shows “Garden” on decoy.example; as phone@search it shows “Sign in”."
    number = desk.add(0, profile="phone@search", others=(other, gone), cloaked=said)
    desk.add(1)
    desk.write()
    page = desk.page(number)
    assert "Shown to different visitors" in page
    assert "As Desktop it shows “Garden” on decoy[.]example; as Android phone from a search engine it shows" in page
    assert page.count("<strong>Android phone from a search engine</strong>") == 1
    assert "<strong>Desktop</strong>" in page
    assert "No screenshot: the capture ended as “Http 404”." in page
    assert 'class="stage tall"' in page
    assert "hxxps://decoy[.]example/" in page
    assert "https://decoy.example" not in page
    assert "<script>window.hacked" not in page
    assert "Seen as Desktop" in page
    assert desk.index().count(">Cloaked<") == 1
    assert "Shown to different visitors" not in desk.page(2)


def test_clicks_are_listed_with_the_picture_before(desk: Desk) -> None:
    before = desk.evidence.put(drawn(3), "image/png")
    clicks = (Click("<b>View document</b>", url="https://glimmer-0.example/x"),)
    reached, tried = desk.add(0, clicks=clicks, before_clicks=before), desk.add(1, clicks=clicks)
    desk.write()
    page = desk.page(reached)
    assert "Reached by a click" in page
    assert "“<bdi>&lt;b&gt;View document&lt;/b&gt;</bdi>”" in page
    assert "hxxps://glimmer-0[.]example/x" in page
    assert "The page before the first click" in page
    assert "Before the clicks" in page
    assert "Clicks that led to no form" in desk.page(tried)


def test_challenge_with_its_site_key(desk: Desk) -> None:
    number = desk.add(0, challenge=Challenge("turnstile", "0x4AAA<i>", blocking=False), outcome="ok")
    desk.write()
    page = desk.page(number)
    assert "Cloudflare Turnstile" in page
    assert "0x4AAA&lt;i&gt;" in page
    assert "A widget on the page" in page


def test_numbers_once_each_official_ones_last(desk: Desk) -> None:
    phones = (
        Phone("+18005550100", "1-800-555-0100", PhoneSource.TEXT, "US", official="glimmer"),
        Phone("+18885550164", "1-888-<555>", PhoneSource.TEXT, "US"),
        Phone("+18885550164", "tel:+18885550164", PhoneSource.LINK, "US"),
    )
    number = desk.add(0, phones=phones)
    desk.write()
    page = desk.page(number)
    assert page.count("<strong>+18885550164</strong>") == 1
    assert "in the text, in a link" in page
    assert page.index("+18885550164") < page.index("+18005550100")
    assert "an official number of glimmer" in page
    assert "1-888-&lt;555&gt;" in page


def test_further_evidence_is_listed(desk: Desk) -> None:
    warc, har = desk.evidence.put(b"warc", "application/warc"), desk.evidence.put(b"har", "application/json")
    number = desk.add(0, bundle=Bundle(warc=warc, har=har))
    desk.write()
    page = desk.page(number)
    assert "Traffic (WARC)" in page
    assert warc.sha256 in page
    assert har.sha256 in page
