"""A new verdict replaces one that cleared a page, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from detector.model import CaseState, Decision, Verdict
from detector.store import SignedManifest, Store
from tests.support.store.builders import CLEAR, LATER, NOW, capture, flagged, review

OWNED = Verdict(Decision.OWNED, "paypal")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def test_the_latest_cleared_look_at_each_address_can_be_judged_anew(store: Store) -> None:
    store.record(capture("https://a.example/"), CLEAR)
    again = store.record(capture("https://a.example/"), CLEAR)
    store.record(capture("https://b.example/"), CLEAR)
    store.record(capture("https://b.example/"), flagged())
    store.record(capture("https://c.example/", outcome="timeout"), Verdict(Decision.UNSEEN))
    owned = store.record(capture("https://d.example/"), OWNED)
    old = store.record(capture("https://e.example/", started=NOW - LATER), CLEAR)
    assert store.captures.cleared_ids(NOW) == [again, owned]
    assert store.captures.cleared_ids(NOW - LATER) == [again, owned, old]
    seen = store.captures.cleared_capture(again)
    assert seen is not None
    assert seen.url == "https://a.example/"
    assert [store.captures.cleared_capture(number) for number in (again - 1, again + 1, again + 2, 999)] == [None] * 4


@pytest.mark.parametrize("verdict", [flagged(), review()], ids=["flagged", "review"])
def test_an_overturned_verdict_opens_the_case_and_is_sealed_with_it(store: Store, verdict: Verdict) -> None:
    capture_id = store.record(capture(), CLEAR, source="ct_logs")
    case_id = store.overturn(
        capture_id, verdict, seal=lambda link: SignedManifest(b"manifest of " + link.previous.encode())
    )
    [case] = store.cases.find()
    assert (case.id, case.capture_id, case.verdict, case.state) == (case_id, capture_id, verdict, CaseState.NEW)
    assert case.sources == ("ct_logs",)
    assert [entry.comment for entry in store.custody.of_case(case.id)] == [verdict.sentence]
    assert [(number, stored) for number, _, stored in store.captures.stream(decisions=[verdict.decision])] == [
        (capture_id, verdict)
    ]
    assert [record.capture_id for record in store.chain.manifests()] == [capture_id]
    assert store.captures.decisions() == {str(verdict.decision): 1}
    assert store.overturn(capture_id, flagged("ebay")) is None, "it is not cleared any more"
    assert len(store.cases.find()) == 1


def test_what_is_sealed_shown_by_a_case_or_seen_again_keeps_its_verdict(store: Store) -> None:
    sealed = store.record(capture("https://a.example/"), CLEAR)
    store.chain.seal(sealed, None, lambda link: SignedManifest(link.previous.encode()))
    former = store.record(capture("https://b.example/"), CLEAR)
    store.record(capture("https://b.example/"), CLEAR)
    shown = store.record(capture("https://c.example/"), flagged())
    for number in (sealed, former, shown, 999):
        assert store.overturn(number, review("ebay")) is None
    assert store.overturn(sealed + 1, CLEAR) is None
    assert [case.brand for case in store.cases.find()] == ["paypal"]
    assert store.captures.decisions() == {"clear": 3, "flagged": 1}


def test_a_case_that_is_there_already_is_brought_up_to_date(store: Store) -> None:
    store.record(capture("https://evil.example/one"), review())
    [before] = store.cases.find()
    capture_id = store.record(capture("https://evil.example/two"), CLEAR)
    assert store.overturn(capture_id, flagged()) == before.id
    [case] = store.cases.find()
    assert (case.verdict.decision, case.capture_id) == (Decision.FLAGGED, capture_id)
