"""Hosts and ports as browsers spell them; parts of IPv4 addresses are only read where a browser wrote them."""

from __future__ import annotations

import pytest

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.host_part import host_and_port


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A.example:8080", ("a.example", 8080)), ("0x7f.1", ("127.0.0.1", None)), ("2130706433", ("127.0.0.1", None)),
        ("017700000001", ("127.0.0.1", None)), ("127.1:80", ("127.0.0.1", 80)), ("[::1]", ("[::1]", None)),
        ("[2001:DB8:0::1]:443", ("[2001:db8::1]", 443)), ("b\u00fccher.example", ("xn--bcher-kva.example", None)),
    ],
)  # fmt: skip
def test_hosts(text: str, found: tuple[str, int | None]) -> None:
    assert host_and_port(text, exact=True) == found


@pytest.mark.parametrize("text", ["127.1", "192.0.2", "10.30"])
def test_parts_of_an_address_are_in_doubt_where_people_wrote_them(text: str) -> None:
    assert host_and_port(text, exact=True)[0].count(".") == 3
    with pytest.raises(BadUrl, match="part of an IPv4 address"):
        host_and_port(text, exact=False)


NONE = ["192", "0x10", "256.1.1.1", "1.2.3.4.5", "", "a b", "[::1", "[fe80::1%1]", "x:0", "x:70000", "x:\u0661"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(BadUrl):
        host_and_port(text, exact=True)
