"""The queue of names to probe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.store import Store
from detector.store.probes import AGAIN, LEASE, MOST_TRIES
from tests.support.store.builders import NOW

DAY = timedelta(days=1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def _urls(*names: str) -> list[str]:
    return [f"https://{name}.example/" for name in names]


def test_a_name_is_queued_once(store: Store) -> None:
    assert store.probes.add(_urls("one", "two", "one"), "ct_logs", NOW) == 2
    assert store.probes.add(_urls("two", "three"), "new_names", NOW) == 1
    taken, lost = store.probes.take(10, NOW)
    assert {probe.url for probe in taken} == set(_urls("one", "two", "three"))
    assert {probe.source for probe in taken} == {"ct_logs", "new_names"}
    assert lost == []


def test_what_was_taken_comes_back_after_the_lease_only(store: Store) -> None:
    store.probes.add(_urls("one"), "ct_logs", NOW)
    store.probes.take(10, NOW)
    assert store.probes.take(10, NOW + LEASE / 2)[0] == []
    assert [probe.url for probe in store.probes.take(10, NOW + LEASE)[0]] == _urls("one")


def test_a_name_that_kills_every_run_is_told_apart_until_somebody_has_settled_it(store: Store) -> None:
    store.probes.add(_urls("one"), "ct_logs", NOW)
    now = NOW
    for _ in range(MOST_TRIES):
        assert len(store.probes.take(10, now)[0]) == 1
        now += LEASE
    for _ in range(2):  # whoever was told of it first died before it was stored anywhere
        taken, given_up = store.probes.take(10, now)
        assert (taken, [probe.url for probe in given_up]) == ([], _urls("one"))
        assert store.probes.take(10, now) == ([], []), "nobody else is told meanwhile"
        now += LEASE
    store.probes.settle(given_up, [], now, remember=DAY)
    assert store.probes.take(10, now + DAY / 2) == ([], [])


def test_a_look_that_was_given_back_does_not_count(store: Store) -> None:
    store.probes.add(_urls("one"), "ct_logs", NOW)
    for _ in range(MOST_TRIES + 2):
        taken, lost = store.probes.take(10, NOW)
        assert lost == []
        store.probes.release(taken, NOW)
    assert store.probes.counts(NOW) == (1, 0)


def test_nothing_is_seen_again_at_growing_distances_and_then_forgotten(store: Store) -> None:
    store.probes.add(_urls("dead"), "ct_logs", NOW)
    now = NOW
    for wait in (*AGAIN, None):
        (probe,), _ = store.probes.take(10, now)
        store.probes.settle([], [probe], now, remember=DAY)
        if wait is None:
            break
        assert store.probes.take(10, now + wait - timedelta(seconds=1))[0] == []
        assert store.probes.counts(now) == (0, 1)
        now += wait
    assert store.probes.take(10, now + 100 * DAY) == ([], [])
    assert store.probes.add(_urls("dead"), "ct_logs", now + 100 * DAY) == 1


def test_what_was_looked_at_is_not_queued_again_in_a_short_while(store: Store) -> None:
    store.probes.add(_urls("shop"), "ct_logs", NOW)
    store.probes.settle(store.probes.take(10, NOW)[0], [], NOW, remember=DAY)
    assert store.probes.add(_urls("shop"), "new_names", NOW + DAY / 2) == 0
    store.probes.take(1, NOW + DAY)
    assert store.probes.add(_urls("shop"), "new_names", NOW + DAY) == 1


def test_new_names_come_before_old_ones_that_still_get_their_share(store: Store) -> None:
    store.probes.add([f"https://old{n}.example/" for n in range(50)], "ct_logs", NOW)
    store.probes.settle([], store.probes.take(50, NOW)[0], NOW, remember=DAY)
    later = NOW + AGAIN[0]
    store.probes.add([f"https://new{n}.example/" for n in range(50)], "ct_logs", later)
    first, _ = store.probes.take(20, later)
    assert sum(probe.round == 0 for probe in first) == 16
    rest, _ = store.probes.take(100, later)
    assert len(rest) == 80
    assert store.probes.take(10, later) == ([], [])
