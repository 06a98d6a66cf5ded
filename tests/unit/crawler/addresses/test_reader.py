"""One reader of addresses: what is written in many ways is the address that is meant, or is refused by name."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from detector.hosts import host_of
from detector.present.defang import defang
from tests.support.address_cases import address_cases

LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)
ENDING = st.sampled_from(("example", "test", "xn--p1ai", "co"))
NAME = st.builds(lambda labels, last: ".".join([*labels, last]), st.lists(LABEL, min_size=1, max_size=3), ENDING)
HOST = st.one_of(NAME, st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(lambda found: f"[{found}]"))
MARKS = st.sampled_from(
    ("[.]", "[:]", "[/]", "[://]", "[@]", "[dot]", "[xx]", "[[.]]", "hxxp:", "HXXPS:", "h[xx]p:", "http://", "hTTps%3A",
     "[", "]", "(.)", "\\.", "\\/", "://")
)  # fmt: skip
PART = st.lists(st.one_of(st.text(max_size=6), MARKS, st.text("abc/?#&;=.@:%[]() ", max_size=8)), max_size=5).map(
    "".join
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """Any address of the web: user names, ports, paths, queries and fragments that hold all kinds of letters and marks."""
    user = draw(st.sampled_from(("", "netflix.com@", "a:b@", "http:x@", "hxxp:x@")))
    port = draw(st.sampled_from(("", ":80", ":443", ":8080")))
    scheme = draw(st.sampled_from(("http", "https")))
    return f"{scheme}://{user}{draw(HOST)}{port}/{draw(PART)}"


def test_what_is_written_is_the_address_that_is_meant() -> None:
    for kind, entry, meant in address_cases("written"):
        assert read_address(entry) == meant, (kind, entry)
        assert read_address(meant) == meant, (kind, entry)
        assert read_address(defang(meant)) == meant, (kind, entry)


def test_what_is_no_address_or_in_doubt_says_why() -> None:
    for kind, entry, reason in address_cases("refused"):
        with pytest.raises(BadUrl) as caught:
            assert read_address(entry) == "", (kind, entry)
        assert reason in str(caught.value), (kind, entry)


@pytest.mark.parametrize("text", ["http://" + "a" * 64 + ".com/", "http://x.com/" + "a" * 9000, "&amp;" * 9000])
def test_what_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(BadUrl):
        read_address(text)


@given(written())
def test_defanged_and_read_it_is_the_same_address(url: str) -> None:
    try:
        address = read_address(url)
    except BadUrl:
        return
    assert read_address(address) == address
    assert read_address(defang(address)) == address
    assert defang(defang(address)) == defang(address)


DOTS = st.sampled_from(("[.]", " [.] ", "(.)", "[dot]", " (dot) ", "\\.", "{.}", "[ . ]", "[.", ".]", " dot ", "."))


@given(
    st.ip_addresses(v=4),
    st.lists(DOTS, min_size=3, max_size=3),
    st.sampled_from(("hxxp://", "http://", "", "h[tt]p://")),
)
def test_a_defanged_ipv4_address_is_that_address_or_refused(address: IPv4Address, dots: list[str], scheme: str) -> None:
    numbers = str(address).split(".")
    entry = scheme + "".join(number + dot for number, dot in zip(numbers, [*dots, ""], strict=True))
    with contextlib.suppress(BadUrl):
        assert read_address(entry) == f"http://{address}/"


@given(NAME, st.data(), st.sampled_from(("hxxps://", "https[:]//", "h**ps://", "ttps://")))
def test_a_defanged_name_is_that_name_or_refused(name: str, data: st.DataObject, scheme: str) -> None:
    labels = name.split(".")
    dots = [data.draw(DOTS) for _ in labels[1:]]
    entry = scheme + "".join(label + dot for label, dot in zip(labels, [*dots, ""], strict=True))
    with contextlib.suppress(BadUrl):
        assert read_address(entry) == f"https://{name}/"


@given(st.text(max_size=200))
def test_any_text_gives_a_stable_address_or_a_reason(text: str) -> None:
    with contextlib.suppress(BadUrl):
        url = read_address(text)
        assert read_address(url) == url
        assert url.isascii()
        assert host_of(url)
