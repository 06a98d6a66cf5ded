"""Telephone numbers in the store: linked to every capture that shows them, counted, found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

import detector.store.migrations
from detector.model import Capture, Phone, PhoneSource
from detector.store import Store, text_key
from detector.store.engine import Database
from tests.support.store.builders import CLEAR, LATER, NOW, capture, flagged

SCAM = Phone("+18005550142", "1-800-555-0142", PhoneSource.TEXT, "US")
VANITY = Phone("+18005550142", "1-800-555-01-HA", PhoneSource.PICTURE, "US", vanity=True)
OTHER = Phone("+442079460123", "020 7946 0123", PhoneSource.LINK, "GB", official="paypal")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with Store.open(database) as store:
        yield store


def shown(host: str, *phones: Phone, **fields: object) -> Capture:
    return capture(f"https://{host}/", phones=phones, **fields)


def test_a_number_is_one_thing_on_all_captures_that_show_it(store: Store) -> None:
    first = store.record(shown("a.example", SCAM, OTHER), flagged())
    second = store.record(shown("b.example", VANITY, started=NOW + LATER), flagged("amazon"))
    summary = store.phones.get("+18005550142")
    assert summary is not None
    assert (summary.captures, summary.cases, summary.region) == (2, 2, "US")
    assert summary.brands == ("amazon", "paypal")
    assert summary.sources == ("picture", "text")
    assert summary.written == ("1-800-555-01-HA", "1-800-555-0142")
    assert (summary.first_seen, summary.last_seen) == (NOW, NOW + LATER)
    assert summary.official == ()
    assert [row[0] for row in store.phones.captures("+18005550142")] == [second, first]
    assert [case.site for case in store.phones.cases("+18005550142")] == ["a.example", "b.example"]


def test_numbers_on_the_most_captures_come_first_and_can_be_had_by_brand(store: Store) -> None:
    store.record(shown("a.example", OTHER), CLEAR)
    store.record(shown("b.example", OTHER, SCAM), flagged("amazon"))
    assert [summary.number for summary in store.phones.find()] == ["+442079460123", "+18005550142"]
    assert store.phones.find()[0].official == ("paypal",)
    assert {summary.number for summary in store.phones.find(brands=["amazon"])} == {"+442079460123", "+18005550142"}
    assert store.phones.find(brands=["paypal"]) == []


def test_numbers_that_only_another_profile_saw_are_linked_too(store: Store) -> None:
    phone_view = shown("a.example", SCAM, profile="phone")
    store.record(shown("a.example", SCAM, others=(phone_view,)), flagged())
    store.record(shown("b.example", others=(phone_view,)), flagged())
    summary = store.phones.get(SCAM.number)
    assert summary is not None
    assert (summary.captures, summary.cases) == (2, 2)


def test_an_unknown_number_has_nothing(store: Store) -> None:
    store.record(shown("a.example"), flagged())
    assert store.phones.get("+18005550142") is None
    assert list(store.phones.captures("+18005550142")) == []
    assert store.phones.cases("+18005550142") == []


def test_a_clear_page_with_the_number_is_a_capture_but_no_case(store: Store) -> None:
    store.record(shown("a.example", SCAM), CLEAR)
    summary = store.phones.get(SCAM.number)
    assert summary is not None
    assert (summary.captures, summary.cases, summary.brands) == (1, 0, ())


def test_hostile_text_is_cut_and_kept_storable(store: Store) -> None:
    store.record(shown("a.example", Phone("+18005550142", "\ud800\0" + "5" * 900, PhoneSource.TEXT, "US")), flagged())
    summary = store.phones.get("+18005550142")
    assert summary is not None
    assert summary.written[0].startswith("\ufffd\ufffd555")
    assert len(summary.written[0]) == 200


def test_sightings_and_result_are_stored_together_or_not_at_all(store: Store, tmp_path: Path) -> None:
    broken = Phone("+18005550142", "1", PhoneSource.TEXT, "US", vanity=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)not[ -]null"):
        store.record(shown("a.example", broken), flagged())
    assert list(store.captures.stream()) == []
    assert store.phones.find() == []


def test_a_database_of_the_first_schema_gains_the_tables_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    config = Config()
    config.set_main_option("script_location", str(Path(detector.store.migrations.__file__).parent))
    config.set_main_option("path_separator", "newline")
    database = Database(path)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO memory VALUES ('feed', 'at', '7', 0)"))
        assert "phones" not in inspect(connection).get_table_names()
    database.close()
    with Store.open(path) as store:
        assert store.sources.get("feed", text_key("at")) == "7"
        store.record(shown("b.example", SCAM), flagged())
        assert store.phones.get(SCAM.number) is not None
