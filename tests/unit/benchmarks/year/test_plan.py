"""The plan of the year: the shares that are promised, a host for each place, the same in every process."""

from __future__ import annotations

from collections import Counter

from benchmarks.year.plan import Kind, plan
from detector.model import Brand

BRANDS = [Brand("quorvane", "Quorvane"), Brand("lumbrick", "Lumbrick")]


def test_twenty_thousand_places_hold_ten_thousand_numbers() -> None:
    places = plan(20_000, BRANDS)
    kinds = Counter(place.kind for place in places)
    assert kinds == {
        Kind.CLONE: 6000, Kind.SCAM: 5000, Kind.ORDINARY: 6000, Kind.DEAD: 2000, Kind.HOSTILE: 1000,
    }  # fmt: skip
    assert len({number.e164 for place in places for number in place.numbers}) == 10_000
    assert len({place.host for place in places}) == 20_000


def test_impersonators_have_a_brand_and_nobody_else() -> None:
    for place in plan(400, BRANDS):
        assert (place.brand is not None) == (place.kind in (Kind.CLONE, Kind.SCAM))
        assert bool(place.numbers) == (place.kind is Kind.SCAM)


def test_the_server_and_the_program_make_the_same_plan() -> None:
    assert plan(500, BRANDS) == plan(500, BRANDS)
    assert plan(500, BRANDS) != plan(500, BRANDS, seed=7)


def test_any_count_is_met() -> None:
    assert [len(plan(count, BRANDS)) for count in (1, 20, 33, 999)] == [1, 20, 33, 999]
