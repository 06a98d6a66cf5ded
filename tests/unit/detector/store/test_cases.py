"""States of a case: allowed moves, their custody entries, and captures that reopen a case."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from detector.errors import UsageError
from detector.model import CASE_MOVES, CaseState, Decision
from detector.store import Store
from tests.support.store.builders import CLEAR, LATER, NOW, capture, flagged, review

WAYS: dict[CaseState, tuple[CaseState, ...]] = {
    CaseState.NEW: (),
    CaseState.IN_REVIEW: (CaseState.IN_REVIEW,),
    CaseState.CONFIRMED: (CaseState.CONFIRMED,),
    CaseState.DISMISSED: (CaseState.DISMISSED,),
    CaseState.TAKEDOWN_REQUESTED: (CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED),
    CaseState.DOWN: (CaseState.DOWN,),
    CaseState.RELAPSED: (CaseState.DOWN, CaseState.RELAPSED),
}


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def opened_case(store: Store, state: CaseState = CaseState.NEW) -> int:
    store.record(capture(), flagged())
    case_id = store.cases.find()[0].id
    for step in WAYS[state]:
        store.cases.move(case_id, step, actor="set-up")
    return case_id


@pytest.mark.parametrize(("before", "after"), list(product(CaseState, CaseState)))
def test_every_step_is_taken_or_refused(store: Store, before: CaseState, after: CaseState) -> None:
    case_id = opened_case(store, before)
    steps = len(store.custody.of_case(case_id))
    if after in CASE_MOVES[before]:
        store.cases.move(case_id, after, actor="ann", comment="looked")
        entry = store.custody.of_case(case_id)[-1]
        assert (entry.before, entry.after, entry.actor, entry.comment) == (before, after, "ann", "looked")
        assert len(store.custody.of_case(case_id)) == steps + 1
    elif after is before:
        store.cases.move(case_id, after, actor="ann")
        assert len(store.custody.of_case(case_id)) == steps
    else:
        with pytest.raises(UsageError, match=f"is {before} and cannot become {after}"):
            store.cases.move(case_id, after, actor="ann", comment="looked")
        assert len(store.custody.of_case(case_id)) == steps
    case = store.cases.get(case_id)
    assert case is not None
    assert case.state is (after if after in CASE_MOVES[before] else before)


def test_a_comment_without_a_step_is_kept(store: Store) -> None:
    case_id = opened_case(store)
    store.cases.move(case_id, CaseState.NEW, actor="ann", comment="asked the brand")
    entry = store.custody.of_case(case_id)[-1]
    assert (entry.before, entry.after, entry.comment) == (CaseState.NEW, CaseState.NEW, "asked the brand")


def test_the_custody_log_begins_with_the_opening(store: Store) -> None:
    [entry] = store.custody.of_case(opened_case(store))
    assert (entry.before, entry.after, entry.actor) == (None, CaseState.NEW, "clonewatch")
    assert entry.comment == flagged().sentence


def test_a_case_that_is_not_there(store: Store) -> None:
    assert store.cases.get(7) is None
    assert store.custody.of_case(7) == []
    with pytest.raises(UsageError, match="no case 7"):
        store.cases.move(7, CaseState.CONFIRMED, actor="ann")


def test_a_page_that_comes_back_makes_its_case_relapse(store: Store) -> None:
    case_id = opened_case(store, CaseState.DOWN)
    store.record(capture(started=NOW + LATER), review())
    assert store.cases.find()[0].state is CaseState.DOWN
    store.record(capture(started=NOW + 2 * LATER), flagged())
    assert store.cases.find()[0].state is CaseState.RELAPSED
    assert store.custody.of_case(case_id)[-1].actor == "clonewatch"


@pytest.mark.parametrize("state", [CaseState.DISMISSED, CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED])
def test_what_a_person_decided_outlives_new_captures(store: Store, state: CaseState) -> None:
    opened_case(store, state)
    store.record(capture(started=NOW + LATER), flagged(probability=1.0))
    assert [case.state for case in store.cases.find()] == [state]


def test_cases_are_filtered_and_the_most_probable_comes_first(store: Store) -> None:
    store.record(capture("https://a.example/"), flagged("paypal", 0.90))
    store.record(capture("https://b.example/"), review("dhl", 0.50))
    store.record(capture("https://c.example/"), flagged("dhl", 0.99))
    first = store.cases.find()[0]
    store.cases.move(first.id, CaseState.CONFIRMED, actor="ann")
    assert [case.site for case in store.cases.find()] == ["c.example", "a.example", "b.example"]
    assert [case.site for case in store.cases.find(brands=["dhl"])] == ["c.example", "b.example"]
    assert [case.site for case in store.cases.find(states=[CaseState.CONFIRMED])] == ["c.example"]
    assert [case.site for case in store.cases.find(decision=Decision.REVIEW)] == ["b.example"]
    both = store.cases.find(decision=[Decision.REVIEW, Decision.FLAGGED], brands=["paypal"])
    assert [case.site for case in both] == ["a.example"]
    counts = store.counts()
    assert (counts["cases"], counts["cases_new"], counts["cases_confirmed"]) == (3, 2, 1)


def test_more_cases_than_a_page_come_in_order(store: Store) -> None:
    for number in range(130):
        store.record(capture(f"https://h{number}.example/"), flagged(probability=number / 200))
    sites = [case.site for case in store.cases.stream()]
    assert sites == [f"h{number}.example" for number in reversed(range(130))]


ACCOUNTS = [
    ("https://s3.amazonaws.com/one/login.html", "https://s3.amazonaws.com/two/login.html"),
    ("https://host.example/~anna/paypal/", "https://host.example/~bert/paypal/"),
    ("https://docs.google.com/forms/d/e/1FAIpQLSa/viewform", "https://docs.google.com/forms/d/e/1FAIpQLSb/viewform"),
    ("https://forms.office.com/Pages/ResponsePage.aspx?id=A", "https://forms.office.com/Pages/ResponsePage.aspx?id=B"),
    ("https://anna.tumblr.com/", "https://bert.tumblr.com/"),
    ("https://telegra.ph/One-11-30", "https://telegra.ph/Two-11-30"),
    ("https://anna.github.io/login/", "https://bert.github.io/login/"),
]


@pytest.mark.parametrize(("first", "second"), ACCOUNTS, ids=lambda url: str(url)[8:40])
def test_a_dismissal_of_one_account_does_not_silence_another(store: Store, first: str, second: str) -> None:
    store.record(capture(first), flagged())
    [case] = store.cases.find()
    store.cases.move(case.id, CaseState.DISMISSED, actor="ann")
    store.record(capture(second), flagged())
    store.record(capture(first), flagged())
    states = {found.capture.url: found.state for found in store.cases.find()}
    assert states == {first: CaseState.DISMISSED, second: CaseState.NEW}
    assert {found.host for found in store.cases.find()} == {
        found.site.partition("/")[0] for found in store.cases.find()
    }


def test_all_addresses_of_a_case(store: Store) -> None:
    bucket = "https://s3.amazonaws.com/one"
    store.record(capture(f"{bucket}/a.html"), flagged())
    store.record(capture("https://t.co/x", final_url=f"{bucket}/b.html", started=NOW + LATER), review())
    store.record(capture(f"{bucket}/a.html", started=NOW + 2 * LATER), flagged())
    store.record(capture(f"{bucket}/clear.html"), CLEAR)
    store.record(capture(f"{bucket}/dhl.html"), flagged("dhl"))
    store.record(capture("https://s3.amazonaws.com/two/a.html"), flagged())
    [case] = [found for found in store.cases.find(brands=["paypal"]) if found.site.endswith("/one")]
    pages = store.cases.pages(case)
    assert [(page.url, page.final_url) for page in pages] == [
        (f"{bucket}/a.html", f"{bucket}/a.html"),
        ("https://t.co/x", f"{bucket}/b.html"),
    ]
    assert (pages[0].first_seen, pages[0].last_seen) == (NOW, NOW + 2 * LATER)
