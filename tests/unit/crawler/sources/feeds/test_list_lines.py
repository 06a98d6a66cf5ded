"""Lines of lists in the shapes that are published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.sources.feeds.list_lines import entries_of, is_columns
from tests.support.address_cases import address_cases


def test_every_line_gives_its_addresses_or_the_reason() -> None:
    for kind, line, outcome in address_cases("list_lines"):
        if isinstance(outcome, str):
            with pytest.raises(BadUrl, match=outcome):
                assert [read_address(entry) for entry in entries_of(line)] == [], (kind, line)
        else:
            assert [read_address(entry) for entry in entries_of(line)] == outcome, (kind, line)


def test_defanged_and_other_spellings_are_one_entry_of_a_line() -> None:
    for kind, entry, meant in address_cases("written"):
        if kind not in {"plain and canonical"}:
            assert [read_address(found) for found in entries_of(entry)] == [meant], entry


def test_a_list_whose_lines_have_notes_has_columns() -> None:
    assert is_columns("http://a.example/x PayPal\nhttp://b.example/y DHL\nhttp://c.example/z PayPal\n")
    assert not is_columns("http://a.example/x\nhttp://b.example/y z\nhttp://c.example/z\n")
    assert not is_columns("hxxp://a [.] example\nhxxp://b [.] example\nhxxp://c [.] example\n")
    assert entries_of("http://a.example/x PayPal", columns=True) == ("http://a.example/x",)


@given(st.text(max_size=120))
def test_any_line_gives_entries_or_a_reason(line: str) -> None:
    try:
        entries = entries_of(line)
    except BadUrl:
        return
    assert all(entries)
