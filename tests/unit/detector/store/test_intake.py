"""Candidates are stored together with checkpoints: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.errors import StoreError
from detector.model import Decision
from detector.store import Checkpoint, EndedProbes, Intake, SignedManifest, Store, text_key
from tests.support.store.builders import CLEAR, NOW, candidate, capture, flagged

DAY = timedelta(days=1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def urls(store: Store) -> list[str]:
    return sorted(claim.candidate.url for claim in store.backlog.claim(100))


def test_everything_is_stored_and_counted_by_source(store: Store) -> None:
    store.backlog.add([candidate("https://known.example/", source="feeds:a")])
    store.record(capture("https://done.example/"), CLEAR)
    store.probes.add(["https://queued.example/", "https://looked.example/"], "ct_logs", NOW)
    looked = tuple(probe for probe in store.probes.take(10, NOW)[0] if "looked" in probe.url)
    taken = store.take_in(
        Intake(
            candidates=[
                candidate("https://new.example/", source="feeds:a"),
                candidate("https://new.example/", source="feeds:b"),
                candidate("https://known.example/", source="feeds:b"),
            ],
            again=[
                candidate("https://done.example/", source="recheck"),
                candidate("https://new.example/", source="recheck"),
            ],
            names=[
                ("ct_logs", ["https://queued.example/", "https://x.example/"]),
                ("new_names", ["https://x.example/"]),
            ],
            probes=[EndedProbes(looked, (), DAY)],
            checkpoints=[Checkpoint("feeds:a", "version", "1"), Checkpoint("feeds:a", "version", "2")],
        )
    )
    assert taken.new == {"feeds:a": 1, "recheck": 1}
    assert taken.known == {"feeds:b": 2, "recheck": 1}
    assert taken.queued == {"ct_logs": 1}
    assert urls(store) == ["https://done.example/", "https://known.example/", "https://new.example/"]
    assert store.sources.get("feeds:a", text_key("version")) == "2"
    assert sum(store.probes.counts(NOW)) == 2, "the one that was looked at waits no more"


def test_an_address_of_two_sources_keeps_both(store: Store) -> None:
    url = "https://paypal-login.example/"
    store.take_in(Intake(candidates=[candidate(url, source="feeds:a"), candidate(url, source="ct_logs")]))
    [claim] = store.backlog.claim(1)
    store.finish(claim, capture(url), flagged())
    [case] = store.cases.find()
    assert case.sources == ("feeds:a", "ct_logs")


def test_what_cannot_be_stored_leaves_nothing_of_the_rest(store: Store) -> None:
    intake = Intake(
        candidates=[candidate()],
        names=[("ct_logs", ["https://x.example/"])],
        checkpoints=[Checkpoint("feeds:a", "version", "1"), Checkpoint("feeds:b", "version", None)],  # type: ignore[arg-type]
    )
    with pytest.raises((StoreError, AttributeError)):
        store.take_in(intake)
    assert urls(store) == []
    assert store.probes.counts(NOW + DAY) == (0, 0)
    assert store.sources.get("feeds:a", text_key("version")) is None


def test_an_empty_intake_is_stored_at_no_cost(store: Store) -> None:
    assert not Intake()
    assert store.take_in(Intake()).new == {}


def test_a_page_judged_anew_is_due_for_another_look_in_the_same_transaction(store: Store) -> None:
    capture_id = store.record(capture(), CLEAR)
    again = candidate(source="rejudge")

    def fails(link: object) -> SignedManifest:
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        store.overturn(capture_id, flagged(), seal=fails, again=again)
    assert store.captures.decisions() == {str(Decision.CLEAR): 1}
    assert urls(store) == []
    assert store.overturn(capture_id, flagged(), again=again) is not None
    assert urls(store) == [again.url]
