"""Items of sources: each becomes part of what is stored next."""

from __future__ import annotations

from datetime import timedelta

from crawler.discovery.spider_items import ProbesSettled, Reopen, SourceCheckpoint, UnscoredNames
from detector.model import Candidate
from detector.store import Checkpoint, Intake, json_key

CANDIDATE = Candidate("https://a.example/", source="feeds:list")


def test_each_item_joins_its_own_part() -> None:
    intake = Intake()
    for item in (
        SourceCheckpoint("ct", "place", '{"index": 7}', after=3),
        UnscoredNames("zone", ("http://b.example/",)),
        ProbesSettled("probe", (), (), timedelta(days=1), after=0),
        Reopen(CANDIDATE),
    ):
        item.join(intake)
    assert intake.checkpoints == [Checkpoint("ct", "place", '{"index": 7}')]
    assert intake.names == [("zone", ("http://b.example/",))]
    assert len(intake.probes) == 1
    assert intake.again == [CANDIDATE]


def test_a_checkpoint_is_encoded_as_its_key_says() -> None:
    key = json_key("place", dict[str, int])
    assert key.decode(SourceCheckpoint.of("ct", key, {"index": 7}, after=0).value) == {"index": 7}


def test_what_is_reopened_is_its_sources() -> None:
    assert Reopen(CANDIDATE).source == "feeds:list"
