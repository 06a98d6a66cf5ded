"""Pages of a TAXII collection."""

from __future__ import annotations

import pytest

from crawler.sources.feeds.taxii import further_page, just_before, page_address

PLACE = "https://taxii.example/api/collections/1/objects/"


@pytest.mark.parametrize(
    ("location", "added", "page", "address"),
    [
        (PLACE, "", "", PLACE),
        (PLACE, "2026-11-02T10:00:00Z", "", f"{PLACE}?added_after=2026-11-02T10%3A00%3A00Z"),
        (f"{PLACE}?match[type]=url", "", "a b", f"{PLACE}?match[type]=url&next=a+b"),
    ],
)
def test_addresses_of_pages(location: str, added: str, page: str, address: str) -> None:
    assert page_address(location, added, page) == address


@pytest.mark.parametrize(
    ("added", "began", "moment"),
    [
        ("2026-11-02T10:00:00Z", "", "2026-11-02T09:59:59.999999Z"),
        ("2026-11-02T10:00:00+02:00", "2026-11-02T07:00:00Z", "2026-11-02T07:59:59.999999Z"),
        ("2026-11-02T10:00:00Z", "2026-11-02T09:59:59.999999Z", "2026-11-02T10:00:00Z"),
        ("yesterday", "", "yesterday"),
        ("", "", ""),
    ],
)
def test_the_next_run_begins_just_before_the_cut_unless_that_leads_nowhere(added: str, began: str, moment: str) -> None:
    assert just_before(added, began) == moment


@pytest.mark.parametrize(
    ("envelope", "page"),
    [
        ({"more": True, "next": "a b"}, "a b"),
        ({"more": True, "next": 2}, "2"),
        ({"more": True}, ""),
        ({"more": "true", "next": "2"}, ""),
        ({"more": False, "next": "2"}, ""),
        ({"more": True, "next": None}, ""),
        ({}, ""),
    ],
)
def test_a_further_page_is_asked_for_where_the_envelope_says_so(envelope: dict[str, object], page: str) -> None:
    assert further_page(envelope) == page
