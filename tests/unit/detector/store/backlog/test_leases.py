"""Leases: work that is claimed, given back, held for a message, and finished late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.errors import StoreError
from detector.model import utcnow
from detector.store import BacklogClaim, Store
from detector.store.backlog.lease_recovery import BATCH
from tests.support.store.builders import CLEAR, candidate, capture, flagged

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database, lease_seconds=60, max_attempts=3) as opened:
        opened.backlog.add([candidate(brands=("paypal",))])
        yield opened


def test_what_is_leased_is_nobody_elses(store: Store) -> None:
    now = utcnow()
    assert len(store.backlog.claim(5, now=now)) == 1
    assert store.backlog.claim(5, now=now + LEASE - SECOND) == []
    assert store.counts()["leased"] == 1


def test_claims_made_together_are_held_each_by_a_token_of_its_own(store: Store) -> None:
    store.backlog.add(candidate(f"https://h{number}.example/") for number in range(BATCH + 20))
    claims = store.backlog.claim(BATCH + 20)
    assert len({claim.token for claim in claims}) == BATCH + 20
    assert max(len(claim.token) for claim in claims) <= 32
    for claim in (claims[0], claims[1], claims[-1]):
        store.finish(claim, capture(claim.candidate.url), CLEAR)
    assert len(list(store.captures.stream())) == 3
    assert store.counts()["done"] == 3


def test_a_released_row_is_due_again_and_the_attempt_does_not_count(store: Store) -> None:
    for _ in range(5):
        [claim] = store.backlog.claim(1)
        assert claim.attempts == 1
        store.backlog.release(claim, reason="stopped by hand")
    assert store.counts()["due"] == 1


def test_a_row_released_for_later_waits(store: Store) -> None:
    now = utcnow()
    [claim] = store.backlog.claim(1, now=now)
    store.backlog.release(claim, due=now + timedelta(days=1))
    assert store.backlog.claim(1, brands=["paypal"]) == store.backlog.claim(1) == []
    assert store.counts()["waiting"] == 1
    assert len(store.backlog.claim(1, now=now + timedelta(days=1), brands=["paypal"])) == 1


def test_releasing_a_lost_lease_leaves_the_new_holder_alone(store: Store) -> None:
    now = utcnow()
    [first] = store.backlog.claim(1, now=now)
    [second] = store.backlog.claim(1, now=now + LEASE)
    store.backlog.release(first)
    assert store.backlog.claim(1, now=now + LEASE) == []
    store.finish(second, capture(), CLEAR)
    store.backlog.release(second)
    assert store.counts()["done"] == 1


def test_finishing_twice_stores_once(store: Store) -> None:
    [claim] = store.backlog.claim(1)
    first = store.finish(claim, capture(), flagged())
    assert store.finish(claim, capture(), flagged()) == first
    counts = store.counts()
    assert counts["captures"] == counts["done"] == counts["cases"] == 1


def test_a_late_result_counts_while_nobody_else_has_one(store: Store) -> None:
    now = utcnow()
    [slow] = store.backlog.claim(1, now=now)
    [quick] = store.backlog.claim(1, now=now + LEASE)
    stored = store.finish(slow, capture(note="slow"), CLEAR)
    assert store.finish(quick, capture(note="quick"), CLEAR) == stored
    assert [seen.note for _, seen, _ in store.captures.stream()] == ["slow"]


def test_a_late_result_is_not_stored_beside_the_one_that_came_first(store: Store) -> None:
    now = utcnow()
    [slow] = store.backlog.claim(1, now=now)
    [quick] = store.backlog.claim(1, now=now + LEASE)
    stored = store.finish(quick, capture(note="quick"), CLEAR)
    assert store.finish(slow, capture(note="slow"), flagged()) == stored
    assert [seen.note for _, seen, _ in store.captures.stream()] == ["quick"]
    assert store.cases.find() == []


def test_a_result_for_a_quarantined_row_is_kept(store: Store) -> None:
    now = utcnow()
    claims = [store.backlog.claim(1, now=now + attempt * LEASE)[0] for attempt in range(3)]
    store.backlog.claim(1, now=now + 3 * LEASE)
    store.finish(claims[0], capture(), flagged())
    counts = store.counts()
    assert (counts["done"], counts["quarantined"], counts["cases"]) == (1, 0, 1)


def test_a_claim_of_another_database_is_refused(store: Store) -> None:
    stranger = BacklogClaim(id=999, candidate=candidate(), token="0" * 32, attempts=1)
    with pytest.raises(StoreError, match="another database"):
        store.finish(stranger, capture(), CLEAR)
    assert store.counts()["captures"] == 0


def test_a_scan_of_a_leased_url_leaves_the_lease(store: Store) -> None:
    [claim] = store.backlog.claim(1)
    store.record(capture(note="scan"), CLEAR)
    store.finish(claim, capture(note="run"), CLEAR)
    assert [seen.note for _, seen, _ in store.captures.stream()] == ["run", "scan"]
    assert store.counts()["done"] == 1


def test_a_scan_finishes_a_row_that_nobody_holds(store: Store) -> None:
    store.record(capture(), CLEAR)
    assert store.backlog.claim(1) == store.backlog.claim(1, brands=["paypal"]) == []
    assert store.counts()["done"] == 1


def test_a_scan_of_a_new_url_makes_it_known(store: Store) -> None:
    store.record(capture("https://new.example/"), CLEAR, source="scan")
    assert store.backlog.add([candidate("https://new.example/")]) == 0
    assert [claim.candidate.url for claim in store.backlog.claim(9)] == [candidate().url]


def test_what_is_held_for_a_message_is_no_attempt_until_somebody_begins(store: Store) -> None:
    [held] = store.backlog.dispatch(5, timedelta(seconds=30))
    assert held.attempts == 0
    assert store.backlog.claim(5) == []
    assert store.backlog.dispatch(5, timedelta(seconds=30)) == []
    begun = store.backlog.begin(held.id, held.token)
    assert begun is not None
    assert (begun.attempts, begun.token, begun.candidate) == (1, held.token, held.candidate)
    assert store.backlog.begin(held.id, "other") is None
    first = store.finish(begun, capture(), CLEAR)
    assert store.finish(begun, capture(), CLEAR) == first
    assert store.backlog.begin(held.id, held.token) is None


def test_what_nobody_begins_is_due_again_without_an_attempt(store: Store) -> None:
    for _ in range(5):
        [held] = store.backlog.dispatch(5, timedelta(0))
        assert held.attempts == 0
    [claim] = store.backlog.claim(5)
    assert claim.attempts == 1


def test_a_message_that_comes_again_counts_and_is_given_up(store: Store) -> None:
    [held] = store.backlog.dispatch(5, timedelta(seconds=30))
    assert [store.backlog.begin(held.id, held.token) is not None for _ in range(4)] == [True, True, True, False]
    [(_, reason)] = store.backlog.quarantined()
    assert "vanished 3 times" in reason


def test_an_attempt_that_came_to_nothing_counts(store: Store) -> None:
    for attempt in range(1, 4):
        [held] = store.backlog.dispatch(5, timedelta(seconds=30))
        begun = store.backlog.begin(held.id, held.token)
        assert begun is not None
        assert begun.attempts == attempt
        store.backlog.fail(begun, due=utcnow(), reason="it took too long")
    assert store.backlog.dispatch(5, timedelta(seconds=30)) == []
    assert store.backlog.quarantined()[0][1] == "it took too long; not tried again"


def test_what_was_never_sent_is_given_back(store: Store) -> None:
    [held] = store.backlog.dispatch(5, timedelta(seconds=30))
    store.backlog.release_held(held)
    [claim] = store.backlog.claim(5)
    assert claim.attempts == 1
