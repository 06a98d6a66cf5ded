"""Leases that ran out: rows that are ready again, and rows that killed too many workers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.model import utcnow
from detector.store import Store
from tests.support.store.builders import CLEAR, NOW, candidate, capture

LEASE = timedelta(seconds=60)
CLONES = [f"https://clone{number}.example/" for number in range(9)]


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database, lease_seconds=60, max_attempts=3) as opened:
        opened.backlog.add([candidate(brands=("paypal",))])
        yield opened


def test_an_expired_lease_returns_with_another_token(store: Store) -> None:
    now = utcnow()
    [first] = store.backlog.claim(1, now=now)
    [second] = store.backlog.claim(1, now=now + LEASE)
    assert second.id == first.id
    assert second.attempts == 2
    assert second.token != first.token


def test_a_row_that_kills_its_workers_is_quarantined_with_the_reason(store: Store) -> None:
    now = utcnow()
    for attempt in range(3):
        [claim] = store.backlog.claim(1, now=now + attempt * LEASE)
        assert claim.attempts == attempt + 1
    assert store.backlog.claim(1, now=now + 3 * LEASE) == []
    counts = store.counts()
    assert counts["quarantined"] == 1
    assert counts["due"] == counts["leased"] == 0
    [(url, reason)] = store.backlog.quarantined()
    assert url == candidate().url
    assert "vanished 3 times" in reason
    assert store.backlog.claim(1, now=now + 9 * LEASE, brands=["paypal"]) == []


@pytest.mark.parametrize("place", [0, 4, 9])
@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_row_beside_a_poison_one_is_never_quarantined(database: str, place: int, attempts: int) -> None:
    """A worker of ten slots, which dies whenever it looks at the poison row, with all that it looks at."""
    poison = "https://poison.example/"
    urls = [*CLONES[:place], poison, *CLONES[place:]]
    with Store.open(database, lease_seconds=60, max_attempts=attempts) as store:
        store.backlog.add(candidate(url, priority=0.9 - number / 100) for number, url in enumerate(urls))
        now, deaths = utcnow(), 0
        while claims := store.backlog.claim(10, now=now):
            if any(claim.candidate.url == poison for claim in claims):
                now, deaths = now + LEASE, deaths + 1
                continue
            for claim in claims:
                store.finish(claim, capture(claim.candidate.url), CLEAR)
        assert [url for url, _ in store.backlog.quarantined()] == [poison]
        assert store.counts()["done"] == len(CLONES)
        assert deaths == max(2, attempts), "the first time in company, then alone"


def test_a_row_whose_worker_vanished_is_given_out_by_itself_and_nothing_overtakes_it(store: Store) -> None:
    now = utcnow()
    [first] = store.backlog.claim(9, now=now)
    store.backlog.add([candidate(CLONES[0], priority=0.9), candidate(CLONES[1], priority=0.1)])
    store.backlog.add([candidate(first.candidate.url, priority=0.5)])
    later = now + LEASE
    assert [claim.candidate.url for claim in store.backlog.claim(9, now=later, busy=True)] == [CLONES[0]]
    assert store.backlog.claim(9, now=later, busy=True) == []
    [alone] = store.backlog.claim(9, now=later)
    assert alone.candidate.url == first.candidate.url
    assert alone.alone
    assert [claim.alone for claim in store.backlog.claim(9, now=later)] == [False]


def test_expired_leases_count_as_due(store: Store) -> None:
    store.backlog.claim(1, now=NOW)
    assert store.counts()["due"] == 1
    assert store.counts()["leased"] == 0
