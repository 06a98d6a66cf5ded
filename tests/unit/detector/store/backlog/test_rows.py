"""Filling the backlog and taking work out of it, on a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.model import utcnow
from detector.store import Store
from tests.support.store.builders import CLEAR, LATER, NOW, candidate, capture


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database, lease_seconds=60, max_attempts=3) as opened:
        yield opened


def test_a_candidate_comes_out_as_it_went_in(store: Store) -> None:
    given = candidate(brands=("paypal", "venmo"), priority=0.25, reasons=("the name is one letter off",))
    assert store.backlog.add([given]) == 1
    [claim] = store.backlog.claim(5)
    assert claim.candidate == given
    assert claim.attempts == 1


def test_a_url_found_twice_is_one_row_that_knows_both(store: Store) -> None:
    first = candidate(brands=("paypal",), priority=0.2, due=NOW, reasons=("a",))
    again = candidate(brands=("venmo", "paypal"), source="ct", priority=0.9, due=NOW - LATER, reasons=("b",))
    assert store.backlog.add([first]) == 1
    assert store.backlog.add([again]) == 0
    [claim] = store.backlog.claim(5)
    assert claim.candidate.brands == ("paypal", "venmo")
    assert claim.candidate.priority == 0.9
    assert claim.candidate.due == NOW - LATER
    assert claim.candidate.reasons == ("a", "b")
    assert claim.candidate.source == "feeds:test"


def test_a_url_twice_in_one_call_counts_once(store: Store) -> None:
    found = [candidate(priority=0.1), candidate(priority=0.8), candidate("https://other.example/", priority=0.5)]
    assert store.backlog.add(found) == 2
    assert [claim.candidate.priority for claim in store.backlog.claim(5)] == [0.8, 0.5]


def test_merging_never_lowers_the_priority(store: Store) -> None:
    store.backlog.add([candidate(priority=0.9)])
    store.backlog.add([candidate(priority=0.1)])
    assert store.backlog.claim(1)[0].candidate.priority == 0.9


def test_more_candidates_than_fit_one_transaction_all_arrive(store: Store) -> None:
    urls = [f"https://host-{number}.example/" for number in range(4501)]
    assert store.backlog.add(candidate(url) for url in urls) == 4501
    assert store.backlog.add(candidate(url) for url in urls) == 0
    assert store.backlog.known_urls([*urls, "https://never.example/"]) == set(urls)


def test_known_urls_covers_every_state(store: Store) -> None:
    store.backlog.add([candidate("https://a.example/", priority=1.0), candidate("https://b.example/")])
    [claim] = store.backlog.claim(1)
    store.finish(claim, capture("https://a.example/"), CLEAR)
    store.record(capture("https://c.example/"), CLEAR)
    asked = [f"https://{letter}.example/" for letter in "abcd"]
    assert store.backlog.known_urls(asked) == set(asked[:3])


def test_what_is_done_stays_done_when_it_is_found_again(store: Store) -> None:
    store.backlog.add([candidate()])
    store.finish(store.backlog.claim(1)[0], capture(), CLEAR)
    assert store.backlog.add([candidate(priority=1.0, source="ct")]) == 0
    assert store.backlog.claim(1) == []


def test_the_most_urgent_comes_first_and_then_the_longest_due(store: Store) -> None:
    store.backlog.add(
        [
            candidate("https://low.example/", priority=0.1, due=NOW - 5 * LATER),
            candidate("https://high-new.example/", priority=0.9, due=NOW - LATER),
            candidate("https://high-old.example/", priority=0.9, due=NOW - 2 * LATER),
        ]
    )
    order = [claim.candidate.url for claim in (*store.backlog.claim(2), *store.backlog.claim(2))]
    assert order == ["https://high-old.example/", "https://high-new.example/", "https://low.example/"]


def test_nothing_is_claimed_before_it_is_due(store: Store) -> None:
    tomorrow = utcnow() + timedelta(days=1)
    store.backlog.add([candidate(due=tomorrow, priority=1.0)])
    assert store.backlog.claim(1) == []
    assert store.counts()["waiting"] == 1
    assert store.backlog.claim(1, now=tomorrow - timedelta(seconds=1)) == []
    assert len(store.backlog.claim(1, now=tomorrow)) == 1


def test_an_earlier_date_found_later_makes_a_waiting_row_due(store: Store) -> None:
    store.backlog.add([candidate(due=utcnow() + timedelta(days=1))])
    store.backlog.add([candidate(due=NOW)])
    assert len(store.backlog.claim(1)) == 1


def test_only_candidates_of_the_brands_asked_for(store: Store) -> None:
    store.backlog.add(
        [
            candidate("https://1.example/", brands=("paypal",), priority=0.2),
            candidate("https://2.example/", brands=("dhl",), priority=0.9),
            candidate("https://3.example/", brands=("paypal", "venmo"), priority=0.5),
            candidate("https://4.example/", priority=1.0),
            candidate("https://5.example/", brands=("venmo",), due=utcnow() + LATER),
        ]
    )
    claims = store.backlog.claim(9, brands=["venmo", "paypal"])
    assert [claim.candidate.url for claim in claims] == ["https://3.example/", "https://1.example/"]
    assert store.backlog.claim(9, brands=["paypal"]) == []
    assert store.backlog.claim(9, brands=[]) == []


def test_a_brand_learned_later_counts_and_leads_by_the_new_priority(store: Store) -> None:
    store.backlog.add([candidate("https://1.example/", brands=("paypal",), priority=0.5)])
    store.backlog.add([candidate("https://2.example/", priority=0.1)])
    store.backlog.add([candidate("https://2.example/", brands=("paypal",), priority=0.7)])
    urls = [claim.candidate.url for claim in store.backlog.claim(2, brands=["paypal"])]
    assert urls == ["https://2.example/", "https://1.example/"]


@pytest.mark.parametrize(
    "url", ["https://a.example/\0", "https://a.example/\ud800", "no url at all", "", "x" * 100_000]
)
def test_urls_that_are_none_are_kept_apart_and_lose_nothing(store: Store, url: str) -> None:
    assert store.backlog.add([candidate(url), candidate("https://a.example/")]) == 2
    assert store.backlog.add([candidate(url)]) == 0
    assert store.backlog.known_urls([url, "https://b.example/"]) == {url}


def test_reasons_of_a_url_do_not_grow_without_end(store: Store) -> None:
    for number in range(120):
        store.backlog.add([candidate(reasons=(f"seen for the {number}th time",))])
    assert len(store.backlog.claim(1)[0].candidate.reasons) == 50


def test_naive_times_are_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="offset-naive"):
        store.backlog.add([candidate("https://first.example/"), candidate(due=NOW.replace(tzinfo=None))])
    assert store.counts()["due"] == 0
