"""Captures that are deleted after a time, and those that never are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from detector.model import Bundle, Decision, Phone, PhoneSource, StoredFile, Verdict
from detector.store import SignedManifest, Store
from tests.support.store.builders import CLEAR, LATER, NOW, candidate, capture, flagged

SHA = "ab" * 32


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def test_cleared_pages_are_forgotten_and_cases_stay(store: Store) -> None:
    phone = Phone("+18005550142", "x", PhoneSource.TEXT, "US")
    for number, verdict in enumerate((CLEAR, Verdict(Decision.UNSEEN), Verdict(Decision.OWNED, "paypal"), flagged())):
        store.record(capture(f"https://h{number}.example/", phones=(phone,)), verdict)
    store.record(capture("https://young.example/", started=NOW + LATER), CLEAR)
    assert store.captures.count_cleared(NOW + LATER) == 3
    assert store.captures.forget_cleared(NOW + LATER) == 3
    assert {seen.url for _, seen, _ in store.captures.stream()} == {"https://h3.example/", "https://young.example/"}
    assert len(store.cases.find()) == 1
    summary = store.phones.get("+18005550142")
    assert summary is not None
    assert summary.captures == 1
    assert store.backlog.known_urls(["https://h0.example/"]) == {"https://h0.example/"}, (
        "it is known that it was looked at"
    )
    assert store.backlog.add([candidate("https://h0.example/")]) == 0
    assert store.captures.forget_cleared(NOW + LATER) == 0


def test_a_sealed_capture_stays_whatever_its_verdict(store: Store) -> None:
    capture_id = store.record(capture(), CLEAR)
    store.chain.seal(capture_id, None, lambda link: SignedManifest(link.previous.encode()))
    assert store.captures.forget_cleared(NOW + LATER) == 0


def test_numbers_that_nobody_shows_any_more_go_too(store: Store) -> None:
    store.record(capture(phones=(Phone("+18005550142", "x", PhoneSource.TEXT, "US"),)), CLEAR)
    store.captures.forget_cleared(NOW + LATER)
    assert store.phones.find() == []


def test_files_are_those_of_all_views(store: Store) -> None:
    def file(number: int) -> StoredFile:
        return StoredFile(f"{number:02}" * 32, "image/png", number)

    other = capture(screenshot=file(4), favicon=file(5))
    store.record(capture(screenshot=file(1), full_page=file(2), bundle=Bundle(dom=file(3)), others=(other,)), flagged())
    store.record(capture("https://x.example/"), CLEAR)
    assert sorted(stored.size for stored in store.captures.files()) == [1, 2, 3, 4, 5]
