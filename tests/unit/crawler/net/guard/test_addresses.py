"""Which addresses the guard lets a page reach."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from crawler.net.guard.addresses import forbidden_reason, is_odd_literal, literal, parse_blocks

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
REFUSED = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier-grade",
    "100.100.100.200": "carrier-grade",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "metadata",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",
    "192.0.2.1": "documentation",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarks",
    "198.51.100.7": "documentation",
    "203.0.113.9": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "reserved",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.1.2.3": "private",
    "::ffff:169.254.169.254": "link-local",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a9fe:a9fe": "link-local",
    "64:ff9b:1::1": "private",
    "100::1": "reserved",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:20::1": "reserved",
    "2001:db8::1": "documentation",
    "2002:7f00:1::1": "loopback",
    "2002:c0a8:101::1": "private",
    "3fff::1": "documentation",
    "4000::1": "reserved",
    "fc00::1": "private",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_let_through(text: str) -> None:
    assert forbidden_reason(ip_address(text)) is None


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_every_other_address_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert reason in str(forbidden_reason(ip_address(text)))


def test_allowed_blocks_open_exactly_what_they_name() -> None:
    allowed = parse_blocks(["127.0.0.1/32", "fd00::/8"])
    assert forbidden_reason(ip_address("127.0.0.1"), allowed) is None
    assert forbidden_reason(ip_address("::ffff:127.0.0.1"), allowed) is None
    assert forbidden_reason(ip_address("fd12::1"), allowed) is None
    assert forbidden_reason(ip_address("127.0.0.2"), allowed) == "loopback"
    assert forbidden_reason(ip_address("::1"), allowed) == "loopback"
    assert forbidden_reason(ip_address("10.0.0.1"), allowed) == "private"


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "0", "1.2.3.0x4", "example.0x7f", "0x"],
)
def test_numbers_that_some_resolver_takes_for_an_address_are_odd(host: str) -> None:
    assert is_odd_literal(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "8.8.8.8", "example.com", "1.example", "0x7f.example", "2001:db8::1", "abc"]
)
def test_names_and_dotted_quads_are_not_odd(host: str) -> None:
    assert not is_odd_literal(host)


def test_literals_are_read_with_and_without_brackets() -> None:
    assert str(literal("[2001:db8::1]")) == "2001:db8::1"
    assert str(literal("192.0.2.1")) == "192.0.2.1"
    assert literal("0177.0.0.1") is None
    assert literal("example.com") is None
