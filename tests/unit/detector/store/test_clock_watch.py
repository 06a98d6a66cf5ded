"""A clock that was days ahead and is right again: nothing that was stored meanwhile waits for that day, on both databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from detector.clock import SKEW, is_ahead
from detector.model import CaseState, Outcome, utcnow
from detector.store import Store, json_key, text_key, time_key
from detector.store.probes import AGAIN as PROBED_AGAIN
from detector.store.probes import LEASE
from tests.support.clock import SetClock
from tests.support.store.builders import CLEAR, candidate, capture, flagged

DAYS = timedelta(days=3)
MOMENT = time_key("until")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """A clock that the whole store goes by."""
    clock = SetClock()
    for name, module in list(sys.modules.items()):
        if name.startswith("detector.") and getattr(module, "utcnow", None) is utcnow:
            monkeypatch.setattr(module, "utcnow", clock.utcnow)
    return clock


@pytest.fixture
def store(database: str, clock: SetClock) -> Iterator[Store]:
    with Store.open(database, clock=clock.utcnow) as opened:
        yield opened


def _urls(store: Store) -> set[str]:
    """Capture what is due, and return its URLs."""
    claims = store.backlog.claim(10)
    for claim in claims:
        store.finish(claim, capture(claim.candidate.url), CLEAR)
    return {claim.candidate.url for claim in claims}


def test_candidates_of_every_kind(store: Store, clock: SetClock) -> None:
    late, week = timedelta(minutes=5), timedelta(days=7)
    store.backlog.add([candidate("https://before.example/", due=clock.utcnow() + week)])
    clock.ahead = DAYS
    now = clock.utcnow()
    store.backlog.add([candidate("https://due.example/", due=now, brands=("paypal",), priority=0.2)])
    store.backlog.add([candidate("https://returned.example/", due=now, priority=0.9)])
    [claim] = store.backlog.claim(1)
    store.backlog.release(claim, due=now + late, reason="later")
    store.backlog.add([candidate("https://postponed.example/", due=now + week)])
    clock.ahead = timedelta(0)
    with capture_logs() as logged:
        assert _urls(store) == {"https://due.example/"}
    [line] = [line for line in logged if "the clock was ahead" in line["event"]]
    assert (line["log_level"], line["candidates"]) == ("warning", 3)
    # what was to wait five minutes, or a week, waits for so long from now on, and no longer
    clock.ahead = late + timedelta(minutes=1)
    assert _urls(store) == {"https://returned.example/"}
    clock.ahead = week - timedelta(hours=1)
    assert _urls(store) == set()
    clock.ahead = week + timedelta(minutes=1)
    assert _urls(store) == {"https://before.example/", "https://postponed.example/"}


def test_claims_by_brand(store: Store, clock: SetClock) -> None:
    clock.ahead = DAYS
    store.backlog.add([candidate(due=clock.utcnow(), brands=("paypal",))])
    clock.ahead = timedelta(0)
    assert len(store.backlog.claim(1, brands=["paypal"])) == 1


def test_a_ready_row_is_due_also_for_a_program_that_has_seen_no_clock_ahead(store: Store, clock: SetClock) -> None:
    now = clock.utcnow()
    store.backlog.add([candidate(due=now + DAYS)])
    [claim] = store.backlog.claim(1, now=now + DAYS)
    store.backlog.release(claim, due=now + DAYS)
    assert store.backlog.claim(1, now=now) == []
    store.backlog.claim(1, now=now + DAYS + timedelta(minutes=1))
    # its worker died
    assert store.backlog.claim(1, now=now) == []
    [again] = store.backlog.claim(1, now=now + timedelta(minutes=6))
    assert again.attempts == 2


def test_leases_and_holds(store: Store, clock: SetClock) -> None:
    clock.ahead = DAYS
    store.backlog.add([candidate("https://a.example/", due=clock.utcnow())])
    store.backlog.add([candidate("https://b.example/", due=clock.utcnow(), priority=-1.0)])
    [leased] = store.backlog.claim(1)
    [held] = store.backlog.dispatch(1, timedelta(minutes=10))
    clock.ahead = timedelta(0)
    assert _urls(store) == set()
    # as long as they were meant to last, from now on
    clock.ahead = timedelta(minutes=6)
    assert _urls(store) == {leased.candidate.url}
    clock.ahead = timedelta(minutes=12)
    assert _urls(store) == {held.candidate.url}


def test_a_worker_that_lives_keeps_its_lease(store: Store, clock: SetClock) -> None:
    clock.ahead = DAYS
    store.backlog.add([candidate(due=clock.utcnow())])
    [claim] = store.backlog.claim(1)
    clock.ahead = timedelta(0)
    assert _urls(store) == set()
    store.finish(claim, capture(started=clock.utcnow()), CLEAR)
    assert store.counts()["done"] == 1


@pytest.mark.parametrize("round_number", range(len(PROBED_AGAIN) + 1))
def test_probes_of_every_round(store: Store, clock: SetClock, round_number: int) -> None:
    probes, now = store.probes, clock.utcnow()
    probes.add(["https://a.example/"], "x", now)
    for number in range(round_number):
        [due], _ = probes.take(1, now)
        if number == round_number - 1:
            now += DAYS
        probes.settle([], [due], now, remember=DAYS)
        now += PROBED_AGAIN[number] if number < round_number - 1 else timedelta(0)
    if not round_number:
        probes.take(1, now + DAYS)
        now += DAYS
    right = now - DAYS
    taken, _ = probes.take(1, right)
    assert [probe.round for probe in taken] == [round_number]
    assert probes.take(1, right) == ([], [])
    assert len(probes.take(1, right + LEASE)[0]) == 1


def test_a_remembered_name_is_not_remembered_for_ever(store: Store, clock: SetClock) -> None:
    probes, now, years = store.probes, clock.utcnow(), timedelta(days=3650)
    probes.add(["https://a.example/"], "x", now)
    taken, _ = probes.take(1, now)
    probes.settle(taken, [], now + years, remember=timedelta(days=1))
    probes.take(1, now)
    probes.take(1, now + timedelta(days=401))
    assert probes.add(["https://a.example/"], "x", now + timedelta(days=401)) == 1


def test_runs_and_planned_times(store: Store, clock: SetClock) -> None:
    now = clock.utcnow()
    planned = now + timedelta(days=1)
    ahead = store.runs.begin("daily", now + DAYS, planned=planned, host="h", pid=1)
    assert ahead is not None
    # it died with the machine whose clock was ahead
    assert store.runs.running(now) == []
    assert store.runs.begin("daily", now, host="h", pid=2) is None
    assert store.runs.begin("daily", now + timedelta(minutes=3), host="h", pid=2) is not None
    store.runs.begin("other", now + timedelta(minutes=3), host="h", pid=2)
    assert store.runs.answered("daily", planned) is None
    later = planned + timedelta(seconds=1)
    assert store.runs.begin("daily", later, planned=planned, host="h", pid=3) is not None


def test_values_of_sources(store: Store, clock: SetClock) -> None:
    store.sources.put("feed", text_key("position"), "17")
    clock.ahead = DAYS
    until, dates = clock.utcnow(), json_key("dates", dict[str, str])
    store.sources.put("links", MOMENT, until)
    mixed = {
        "at": until.isoformat(),
        "old": "2020-01-01T00:00:00Z",
        "etag": "2099-01-01",
        "wrong": "2099-99-99T99:99:99Z",
    }
    store.sources.put("feed", dates, mixed)
    clock.ahead = timedelta(0)
    store.sources.put("other", text_key("x"), "y")
    found = store.sources.get("links", MOMENT)
    assert found is not None
    assert not is_ahead(found, clock.utcnow(), -SKEW)
    kept = store.sources.get("feed", dates)
    assert kept is not None
    assert kept == mixed | {"at": kept["at"]}
    assert kept["at"] < until.isoformat()
    assert store.sources.get("feed", text_key("position")) == "17"


def test_rechecks_of_a_case_that_went_down_on_a_day_to_come(store: Store, clock: SetClock) -> None:
    clock.ahead = DAYS
    store.record(capture(started=clock.utcnow()), flagged())
    store.cases.move(1, CaseState.DOWN, actor="ann")
    clock.ahead = timedelta(0)
    assert [due.case_id for due in store.backlog.due_rechecks()] == [1]
    store.record(capture(started=clock.utcnow(), outcome=Outcome.BLANK), CLEAR)
    assert store.backlog.due_rechecks() == []
    clock.ahead = timedelta(days=1, hours=1)
    assert [due.case_id for due in store.backlog.due_rechecks()] == [1]


def test_a_new_capture_replaces_one_of_a_day_to_come(store: Store, clock: SetClock) -> None:
    clock.ahead = DAYS
    store.record(capture(started=clock.utcnow()), flagged())
    clock.ahead = timedelta(0)
    newer = store.record(capture(started=clock.utcnow()), flagged())
    assert [case.capture_id for case in store.cases.find()] == [newer]


def test_less_than_an_hour_is_no_reason(store: Store, clock: SetClock) -> None:
    clock.ahead = timedelta(minutes=50)
    store.backlog.add([candidate(due=clock.utcnow())])
    clock.ahead = timedelta(0)
    with capture_logs() as logged:
        assert _urls(store) == set()
    assert logged == []
    clock.ahead = timedelta(minutes=51)
    assert len(_urls(store)) == 1


def test_a_store_of_an_older_version_is_looked_through_once(database: str, clock: SetClock) -> None:
    clock.ahead = DAYS
    with Store.open(database, clock=clock.utcnow) as store:
        store.backlog.add([candidate(due=clock.utcnow())])
        store.sources.forget("clock", clock.utcnow() + DAYS)
    clock.ahead = timedelta(0)
    with Store.open(database, clock=clock.utcnow) as store:
        assert len(_urls(store)) == 1
