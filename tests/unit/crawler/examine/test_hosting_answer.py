"""Registries' answers about an address: its network, the holder and the abuse contact, and what a lying server sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.examine.hosting_answer import read_network
from tests.support.servers.rdap import rdap_entity


def answer(**members: Any) -> bytes:
    network = {"objectClassName": "ip network", "startAddress": "192.0.2.0", "endAddress": "192.0.2.255"}
    return json.dumps(network | members).encode()


def test_network_holder_country_and_abuse_contact() -> None:
    desk = rdap_entity("abuse", fn="Abuse Desk", email="abuse@hoster.example")
    person = rdap_entity("technical", fn="Somebody", email="noc@hoster.example")
    body = answer(
        name="EXAMPLE-NET",
        country="de",
        entities=[person, rdap_entity("registrant", fn="Example Ltd", entities=[desk])],
    )
    found = read_network(body, "192.0.2.7")
    assert (found.network, found.name, found.country) == ("192.0.2.0/24", "EXAMPLE-NET", "DE")
    assert (found.holder, found.abuse_contacts) == ("Example Ltd", ("abuse@hoster.example",))


def test_an_abuse_desk_beside_the_holder_comes_before_one_within_it() -> None:
    within = rdap_entity("registrant", fn="A", entities=[rdap_entity("abuse", email="within@x.example")])
    found = read_network(answer(entities=[within, rdap_entity("abuse", email="beside@x.example")]), "192.0.2.7")
    assert found.abuse_contacts == ("beside@x.example", "within@x.example")


def test_a_registry_without_a_registrant_names_an_administrative_contact() -> None:
    assert read_network(answer(entities=[rdap_entity("administrative", fn="Admin")]), "192.0.2.7").holder == "Admin"


@pytest.mark.parametrize(
    ("start", "end", "address", "network"),
    [
        ("192.0.2.0", "192.0.2.9", "192.0.2.9", "192.0.2.0 - 192.0.2.9"),
        ("192.0.2.4", "192.0.2.11", "192.0.2.5", "192.0.2.4 - 192.0.2.11"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.7/32"),
        ("0.0.0.0", "255.255.255.255", "192.0.2.7", "0.0.0.0/0"),
        ("192.0.2.0/24", "192.0.2.255/24", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1", "2001:db8::/32"),
        ("2001:DB8::", "2001:db8::3", "2001:db8::1", "2001:db8::/126"),
    ],
)
def test_ranges(start: str, end: str, address: str, network: str) -> None:
    assert read_network(answer(startAddress=start, endAddress=end), address).network == network


@pytest.mark.parametrize(
    "members",
    [
        {"startAddress": None},
        {"endAddress": 7},
        {"startAddress": "192.0.2"},
        {"startAddress": "2001:db8::", "endAddress": "2001:db8::ff"},
        {"startAddress": "198.51.100.0", "endAddress": "198.51.100.255"},
        {"startAddress": "192.0.2.255", "endAddress": "192.0.2.0"},
        {"endAddress": "2001:db8::"},
        {"startAddress": 3221225984, "endAddress": 3221226239},
        {"startAddress": "::ffff:192.0.2.0", "endAddress": "::ffff:192.0.2.255"},
    ],
)
def test_an_answer_about_other_addresses_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_network(answer(**members), "192.0.2.7")


@pytest.mark.parametrize("zone", ["1", "eth0", "<script>", "\x1b[2J", "a\nb", "\u202e"])
def test_a_zone_brings_no_text_into_the_range(zone: str) -> None:
    for start, end in ((f"2001:db8::%{zone}", "2001:db8::ff"), ("2001:db8::", f"2001:db8::ff%{zone}")):
        with pytest.raises(ValueError, match="zone"):
            read_network(answer(startAddress=start, endAddress=end), "2001:db8::1")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b'{"startAddress": ' + b"[" * 50_000])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot be read"):
        read_network(body, "192.0.2.7")


@pytest.mark.parametrize(
    "members",
    [
        {"name": 7, "country": ["DE"], "entities": {"roles": "abuse"}},
        {"name": "\x1b[2J\u202e\n", "country": "D\x00", "entities": [None, 7, {"roles": {}}, {"vcardArray": "vcard"}]},
        {"country": "<script>", "entities": [rdap_entity("abuse", email="abuse@x.example\r\nBcc: all@y.example")]},
        {"country": "ßß", "entities": [rdap_entity("registrant", fn="\x00\u202e ")]},
    ],
)
def test_what_is_malformed_beside_the_range_costs_itself_only(members: dict[str, Any]) -> None:
    found = read_network(answer(**members), "192.0.2.7")
    assert found.network == "192.0.2.0/24"
    assert (found.country, found.abuse_contacts) == ("", ())
    assert (found.name + found.holder).isprintable()


def test_entities_that_nest_without_end_are_searched_to_a_depth() -> None:
    nested: dict[str, Any] = rdap_entity("abuse", email="deep@x.example")
    for _ in range(50):
        nested = rdap_entity("registrant", fn="A", entities=[nested])
    assert read_network(answer(entities=[nested]), "192.0.2.7").abuse_contacts == ()
