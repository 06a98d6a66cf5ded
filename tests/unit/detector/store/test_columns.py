"""Times and text are read back unchanged; values that a database would refuse never reach it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from detector.store.columns import MomentColumn, WordsColumn, storable, url_key

DIALECTS: tuple[Dialect, ...] = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))]))


@given(MOMENTS)
def test_moments_come_back_to_the_microsecond_in_utc(moment: datetime) -> None:
    for dialect in DIALECTS:
        stored = MomentColumn().process_bind_param(moment, dialect)
        assert isinstance(stored, int)
        back = MomentColumn().process_result_value(stored, dialect)
        assert back == moment
        assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_stored_moments_sort_as_the_moments_do(first: datetime, second: datetime) -> None:
    dialect = DIALECTS[0]
    before, after = (MomentColumn().process_bind_param(moment, dialect) for moment in (first, second))
    assert before is not None
    assert after is not None
    assert (before < after) == (first < second)


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        MomentColumn().process_bind_param(datetime(2026, 1, 1), DIALECTS[0])


@given(st.lists(st.text(st.characters(codec=None, categories=None))).map(tuple))
def test_words_come_back_as_storable_words(words: tuple[str, ...]) -> None:
    stored = WordsColumn().process_bind_param(words, DIALECTS[0])
    assert WordsColumn().process_result_value(stored, DIALECTS[0]) == tuple(map(storable, words))


@given(st.text(st.characters(codec=None, categories=None)))
def test_storable_text_is_utf8_without_nul_and_stays_as_it_is(text: str) -> None:
    clean = storable(text)
    clean.encode()
    assert "\0" not in clean
    assert storable(clean) == clean
    if "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert clean == text


@given(st.text(st.characters(codec=None, categories=None)))
def test_every_url_has_a_key(text: str) -> None:
    assert len(url_key(text)) == 32
    assert url_key(text) != url_key(text + "/")
