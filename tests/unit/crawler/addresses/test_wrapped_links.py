"""Links of mail gateways, search engines and networks lead to the address inside them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses.reader import read_address
from crawler.addresses.wrapped_links import unwrapped, wrappers
from tests.support.address_cases import address_cases


def test_wrapped_links_lead_to_the_address_inside() -> None:
    for kind, link, leads_to in address_cases("wrapped"):
        found = unwrapped(read_address(link))
        assert (found[-1] if found else "") == leads_to, (kind, link)


def test_every_service_has_a_case_and_a_source() -> None:
    links = [str(link) for _, link, leads_to in address_cases("wrapped") if leads_to]
    for wrapper in wrappers():
        assert re.match(r"https://|seen in public", wrapper.source), wrapper.name
        assert wrapper.hosts
        assert wrapper.how in {"query", "query_base64", "path", "target", "proofpoint_2", "proofpoint_3", "labels"}
        assert wrapper.keys or wrapper.how in {"path", "target", "proofpoint_3", "labels"}
    assert len(links) > 30


@given(
    st.sampled_from([str(link) for _, link, _ in address_cases("wrapped")]), st.integers(0, 200), st.text(max_size=5)
)
def test_any_change_of_a_link_is_taken(link: str, at: int, more: str) -> None:
    try:
        address = read_address(link[:at] + more + link[at:])
    except ValueError:
        return
    for inner in unwrapped(address):
        assert read_address(inner) == inner
