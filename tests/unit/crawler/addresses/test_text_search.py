"""Addresses in running text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses.reader import read_address
from crawler.addresses.text_search import find_addresses
from tests.support.address_cases import address_cases


def test_addresses_in_text() -> None:
    for kind, text, addresses in address_cases("in_text"):
        assert list(find_addresses(text)) == addresses, (kind, text)


def test_what_is_found_in_a_sentence_is_never_another_address() -> None:
    left_out = []
    for _, entry, meant in address_cases("written"):
        if entry.strip().isprintable() and "'" not in entry and "ab c" not in entry:
            found = list(find_addresses(f"We saw {entry} today."))
            assert found in ([meant], []), entry
            left_out += [] if found else [entry]
    assert len(left_out) < 30


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_searched(before: str, after: str) -> None:
    for address in find_addresses(f"{before} hxxps://evil[.]example/a {after}"):
        assert read_address(address) == address
