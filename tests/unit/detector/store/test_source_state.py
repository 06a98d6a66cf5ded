"""Values that sources keep between runs, under typed keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from detector.model import utcnow
from detector.store import Checkpoint, Intake, SourceKey, Store, json_key, text_key, time_key

MOMENT = datetime(2026, 3, 9, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Position:
    uid: int
    folder: str = "INBOX"


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (text_key("salt"), "0f\u20ac", "0f\u20ac"),
        (time_key("until"), MOMENT, "2026-03-09T12:00:00.250000+00:00"),
        (json_key("version", dict[str, str]), {"etag": "7"}, '{"etag":"7"}'),
        (json_key("note", str), "\u20ac", '"\u20ac"'),
        (json_key("position", Position), Position(7), '{"uid":7,"folder":"INBOX"}'),
        (SourceKey("pair", lambda pair: f"{pair[0]} {pair[1]}", lambda text: tuple(text.split())), ("a", "b"), "a b"),
    ],
    ids=["text", "time", "json", "euro", "object", "own form"],
)
def test_values_come_back_as_they_were_put(store: Store, key: SourceKey[Any], value: object, text: str) -> None:
    assert store.sources.get("feeds", key) is None
    store.sources.put("feeds", key, value)
    assert store.sources.get("feeds", key) == value
    assert store.sources.get("feeds", text_key(key.name)) == text, "the form in the database"


def test_the_last_value_of_a_source_stays_and_others_are_not_touched(store: Store) -> None:
    key = json_key("size", int)
    for source, value in (("a", 1), ("a", 2), ("b", 3)):
        store.sources.put(source, key, value)
    store.sources.put("a", text_key("other"), "x")
    assert store.sources.by_source(key) == {"a": 2, "b": 3}


def test_a_value_of_another_form_names_its_source_and_key(store: Store) -> None:
    store.sources.put("feeds:a", text_key("position"), '{"uid": "seven"}')
    key = json_key("position", Position)
    with pytest.raises(ValueError, match=r"under 'position' of source feeds:a is malformed: Expected `int`"):
        store.sources.get("feeds:a", key)
    with pytest.raises(ValueError, match="source feeds:a"):
        store.sources.by_source(key)
    with pytest.raises(ValueError, match="is malformed"):
        store.sources.get("feeds:a", time_key("position"))


def test_a_checkpoint_is_stored_in_the_form_of_its_key(store: Store) -> None:
    key = json_key("position", Position)
    store.take_in(
        Intake(checkpoints=[Checkpoint.of("mail", key, Position(7)), Checkpoint.of("mail", key, Position(9))])
    )
    assert store.sources.get("mail", key) == Position(9)


def test_values_that_were_not_renewed_are_forgotten(store: Store) -> None:
    for source in ("farms", "feeds"):
        store.sources.put(source, text_key("etag"), "7")
    assert store.sources.forget("farms", utcnow() - timedelta(minutes=5)) == 0
    assert store.sources.forget("farms", utcnow() + timedelta(minutes=5)) == 1
    assert store.sources.by_source(text_key("etag")) == {"feeds": "7"}


def test_lone_surrogates_of_a_page_are_no_obstacle(store: Store) -> None:
    key = json_key("error", dict[str, str])
    store.sources.put("feeds", key, {"reason": "\ud800x"})
    assert store.sources.get("feeds", key) == {"reason": "\ufffdx"}
