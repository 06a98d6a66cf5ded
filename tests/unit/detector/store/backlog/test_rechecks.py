"""Candidates that return to the backlog for a recheck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from detector.model import CaseState, utcnow
from detector.store import DueRecheck, Store
from tests.support.store.builders import CLEAR, candidate, capture, flagged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARKED, CLONE, SHOP = "https://parked.example/", "https://clone.example/", "https://shop.example/"


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def due(store: Store, when: datetime) -> list[tuple[str, int]]:
    return [(each.url, each.days) for each in store.backlog.due_rechecks(when)]


def test_what_showed_nothing_is_due_once_a_step(store: Store) -> None:
    first = utcnow() - 3 * DAY
    store.record(capture(PARKED, outcome="parked", started=first), CLEAR)
    store.record(capture(SHOP, outcome="ok", started=first), CLEAR)
    assert due(store, first + DAY - HOUR) == []
    assert due(store, first + DAY + HOUR) == [(PARKED, 1)]
    store.record(capture(PARKED, outcome="dns_error", started=first + DAY + 2 * HOUR), CLEAR)
    assert due(store, first + 2 * DAY) == []
    assert due(store, first + 3 * DAY + HOUR) == [(PARKED, 3)]
    assert due(store, first + 20 * DAY) == [(PARKED, 14)], "steps that nobody looked at are one look"
    assert store.backlog.due_rechecks(first + DAY * 3 + HOUR)[0] == DueRecheck(PARKED, (), None, "parked", 3)


@pytest.mark.parametrize(
    ("outcome", "again"), [("timeout", True), ("crashed", True), ("dns_error", False), ("refused", False)]
)
def test_what_may_have_been_our_own_doing_is_looked_at_again(store: Store, outcome: str, again: bool) -> None:
    store.record(capture(SHOP, outcome=outcome, started=utcnow() - 2 * DAY), CLEAR)
    assert due(store, utcnow()) == ([(SHOP, 1)] if again else [])


def test_an_address_that_has_shown_a_page_is_done(store: Store) -> None:
    first = utcnow() - 3 * DAY
    store.record(capture(PARKED, outcome="parked", started=first), CLEAR)
    store.record(capture(PARKED, outcome="ok", started=first + DAY), CLEAR)
    assert due(store, first + 10 * DAY) == []


def test_taken_down_sites_come_back_until_they_are_looked_at(store: Store) -> None:
    store.record(capture(CLONE, started=utcnow() - DAY), flagged())
    (case,) = store.cases.find()
    assert due(store, utcnow() + 40 * DAY) == [], "a case that nobody has acted on is not watched"
    store.cases.move(case.id, CaseState.CONFIRMED, actor="me")
    store.cases.move(case.id, CaseState.DOWN, actor="me")
    now = utcnow()
    assert due(store, now + HOUR) == []
    assert store.backlog.due_rechecks(now + DAY + HOUR) == [DueRecheck(CLONE, ("paypal",), case.id, "down", 1)]
    store.record(capture(CLONE, outcome="dns_error", started=now + DAY + 2 * HOUR), CLEAR)
    assert due(store, now + DAY + 3 * HOUR) == []
    assert (CLONE, 90) in due(store, now + 91 * DAY)


def test_what_is_done_is_ready_again_and_what_is_open_stays(store: Store) -> None:
    store.backlog.add([candidate(CLONE, brands=("paypal",), priority=0.4), candidate(SHOP, priority=0.9)])
    claim = next(claim for claim in store.backlog.claim(2) if claim.candidate.url == CLONE)
    store.finish(claim, capture(CLONE), flagged())
    again = [
        candidate(CLONE, source="recheck", priority=0.7, reasons=("again",)),
        candidate(SHOP),
        candidate("https://new.example/"),
    ]
    assert store.backlog.reopen(again) == 1
    assert store.backlog.reopen(again) == 0, "it is open now"
    (back,) = store.backlog.claim(5, brands=["paypal"])
    assert (back.candidate.url, back.candidate.priority, back.attempts) == (CLONE, 0.7, 1)
    assert back.candidate.reasons[0] == "again"
    assert store.finish(back, capture(CLONE, outcome="dns_error"), CLEAR) > 1


def test_a_site_that_is_back_after_its_recheck_is_relapsed(store: Store) -> None:
    store.record(capture(CLONE, started=utcnow() - DAY), flagged())
    (case,) = store.cases.find()
    store.cases.move(case.id, CaseState.CONFIRMED, actor="me")
    store.cases.move(case.id, CaseState.DOWN, actor="me")
    store.backlog.reopen([candidate(CLONE, source="recheck")])
    (claim,) = store.backlog.claim(5)
    store.finish(claim, capture(CLONE, started=utcnow()), flagged())
    assert store.cases.find()[0].state is CaseState.RELAPSED
