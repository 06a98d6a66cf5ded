"""Names that are taken for a wildcard farm, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.examine.examination_result import ExaminationResult
from crawler.examine.wildcard_farms import ENOUGH, SOURCE, Postponement, WildcardFarms, ZoneSightings, key_of
from crawler.loopback.nameserver import NameServer, Zone
from detector.config import CaptureConfig
from detector.model import Candidate, PageFacts, utcnow
from detector.store import SourceKey, Store, text_key
from tests.support.store.builders import CLEAR, capture

HERE = ["127.0.0.1"]


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer(Zone(addresses={"own1.plain.test": HERE}, wildcards={"farm.test": HERE}).answer) as served:
        yield served


async def test_a_farm_is_looked_at_again_after_a_week(tmp_path: Path, names: NameServer) -> None:
    candidate = Candidate("http://n0.farm.test/", source="test")
    with Store.open(tmp_path / "store.sqlite") as store:
        farms = WildcardFarms(store, CaptureConfig(nameservers=(names.address,)))
        assert await farms.pass_by(candidate) == "farm.test", "nothing is known of it"
        # minus three days: it was seen by a clock that was ahead
        for age, waits in ((timedelta(days=6), True), (timedelta(days=8), False), (timedelta(days=-3), False)):
            _remember(store, candidate, utcnow() - age)
            if waits:
                with pytest.raises(Postponement) as caught:
                    await farms.pass_by(candidate)
                assert timedelta(hours=23) < caught.value.due - utcnow() < timedelta(hours=25)
            else:
                assert await farms.pass_by(candidate) == "farm.test"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://farm.test/", {}),
        ("http://www.farm.test/", {}),
        ("http://own1.plain.test/", {}),
        ("http://n1.gone.test/", {}),
        ("http://127.0.0.1/", {}),
        ("http://shop.blogspot.com/", {}),
        ("http://[::1/", {}),
        ("http://n1.farm.test/", {"proxy": "http://127.0.0.1:9"}),
        ("http://n1.farm.test/", {"resolve": ("*:80:127.0.0.1",)}),
    ],
)
async def test_what_is_no_farm(tmp_path: Path, names: NameServer, url: str, options: dict[str, object]) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        config = CaptureConfig(nameservers=(names.address,), **options)  # type: ignore[arg-type]
        assert (
            await WildcardFarms(store, config).pass_by(Candidate(url.replace("test/", "test:80/"), source="test")) == ""
        )


async def test_a_memory_that_cannot_be_read_costs_one_look(tmp_path: Path, names: NameServer) -> None:
    candidate = Candidate("http://n0.farm.test/", source="test")
    with Store.open(tmp_path / "store.sqlite") as store:
        farms = WildcardFarms(store, CaptureConfig(nameservers=(names.address,)))
        key = _remember(store, candidate, utcnow())
        store.sources.put(SOURCE, text_key(key.name), '{"page": 7}')
        assert await farms.pass_by(candidate) == "farm.test"


def _remember(store: Store, candidate: Candidate, at: datetime) -> SourceKey[ZoneSightings]:
    key = key_of("farm.test", candidate)
    known = ZoneSightings("digest", tuple(f"http://n{number}.farm.test/" for number in range(9, 9 - ENOUGH, -1)), at)
    store.sources.put(SOURCE, key, known)
    return key


async def test_old_farms_are_forgotten_and_nothing_else_is(tmp_path: Path, names: NameServer) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        store.sources.put(SOURCE, text_key("farm.test 1"), "{}")
        store.sources.put("feeds", text_key("etag"), "7")
        assert store.sources.forget(SOURCE, utcnow() - timedelta(minutes=5)) == 0
        assert store.sources.forget(SOURCE, utcnow() + timedelta(minutes=5)) == 1
        assert (store.sources.get(SOURCE, text_key("farm.test 1")), store.sources.get("feeds", text_key("etag"))) == (
            None,
            "7",
        )


async def test_three_looks_at_one_name_prove_nothing(tmp_path: Path, names: NameServer) -> None:
    one, two, three, four = (Candidate(f"http://n{number}.farm.test/", source="test") for number in range(4))
    with Store.open(tmp_path / "store.sqlite") as store:
        farms = WildcardFarms(store, CaptureConfig(nameservers=(names.address,)))
        for candidate in (one, one, one, one, two):
            farms.learn(await farms.pass_by(candidate), candidate, _result(candidate, "Sign in"))
        farms.learn(await farms.pass_by(three), three, _result(three, "Sign in"))
        with pytest.raises(Postponement, match=r"n0\.farm\.test/ represents it"):
            await farms.pass_by(four)
        assert await farms.pass_by(two) == "farm.test", "those that stand for the others can be looked at again"
        farms.learn("farm.test", two, _result(two, "Taken down"))
        assert await farms.pass_by(four) == "farm.test", "it shows something else by now"


def _result(candidate: Candidate, text: str) -> ExaminationResult:
    facts = PageFacts(text=f"{text} at {candidate.url}")
    return ExaminationResult(capture(candidate.url, facts=facts), CLEAR, 0.1, 0.1, None, None)
