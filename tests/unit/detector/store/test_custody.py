"""Moves of cases and handovers of their evidence in one order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from detector.errors import UsageError
from detector.model import CaseState, utcnow
from detector.store import Delivery, Store
from tests.support.store.builders import capture, flagged


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


def test_the_steps_of_one_case_and_of_all(store: Store) -> None:
    for name in ("a", "b"):
        store.record(capture(f"https://{name}.example/"), flagged())
    store.cases.move(1, CaseState.CONFIRMED, actor="ann", comment="a clone")
    store.cases.move(2, CaseState.CONFIRMED, actor="bob")
    later = utcnow() + timedelta(seconds=5)
    store.deliveries.add(Delivery("/queue", 1, 1, "ref", later), actor="cleo")
    steps = store.custody.steps(1)
    assert [(step.actor, step.action, step.detail) for step in steps] == [
        ("clonewatch", "state", f"new: {flagged().sentence}"),
        ("ann", "state", "confirmed: a clone"),
        ("cleo", "takedown", "/queue"),
    ]
    assert (steps[-1].at, steps[-1].manifest) == (later, None)
    everything = store.custody.steps()
    assert [step.at for step in everything] == sorted(step.at for step in everything)
    assert [step.detail for step in everything if step.case == 2][1:] == ["confirmed"]
    assert len(everything) == 5


def test_no_such_case(store: Store) -> None:
    assert store.custody.steps() == []
    assert store.custody.of_case(7) == []
    with pytest.raises(UsageError, match="there is no case 7"):
        store.custody.steps(7)
