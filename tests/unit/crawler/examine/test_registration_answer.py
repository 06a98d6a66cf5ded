"""Registries' answers about a domain: the date, the registrar and its abuse contact, and what a lying server sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.examine.registration_answer import MAX_NAME_SERVERS, read_answer
from crawler.net.rdap.rdap_entities import MAX_CONTACTS, MAX_NAME
from tests.support.servers.rdap import rdap_entity


def answer(**members: Any) -> bytes:
    events = [{"eventAction": "registration", "eventDate": "2026-03-01T10:00:00Z"}]
    return json.dumps({"objectClassName": "domain", "events": events} | members).encode()


def test_registrar_abuse_contact_and_name_servers() -> None:
    abuse = rdap_entity("abuse", fn="Abuse Desk", email="abuse@registrar.example", tel="tel:+1.5550100")
    body = answer(
        entities=[
            rdap_entity("registrant", fn="Somebody", email="owner@clone.example"),
            rdap_entity("registrar", fn="Example Registrar, Inc.", email="info@registrar.example", entities=[abuse]),
        ],
        nameservers=[{"ldhName": "NS1.HOSTER.EXAMPLE."}, {"ldhName": "ns2.hoster.example"}],
    )
    found = read_answer(body)
    assert found.registered == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.registrar == "Example Registrar, Inc."
    assert found.abuse_contacts == ("abuse@registrar.example",)
    assert found.name_servers == ("ns1.hoster.example", "ns2.hoster.example")


def test_a_contact_that_is_no_plain_address_is_left_out() -> None:
    bad = [
        "abuse@x.example\r\nBcc: all@y.example",
        "abuse@x.example?bcc=all@y.example",
        "a@x.example,b@y.example",
        '"<script>"@x.example',
        "abuse",
        "a" * 300 + "@x.example",
    ]
    contacts = [rdap_entity("abuse", email=each) for each in [*bad, "abuse@good.example"]]
    assert read_answer(answer(entities=[rdap_entity("registrar", fn="R", entities=contacts)])).abuse_contacts == (
        "abuse@good.example",
    )


def test_lists_and_names_without_end_are_cut() -> None:
    contacts = [rdap_entity("abuse", email=f"abuse{number}@x.example") for number in range(1000)]
    body = answer(
        entities=[rdap_entity("registrar", fn="\x1b[31m" + "R" * 10_000, entities=contacts)],
        nameservers=[{"ldhName": f"ns{number}.x.example"} for number in range(1000)],
    )
    found = read_answer(body)
    assert len(found.abuse_contacts) == MAX_CONTACTS
    assert len(found.name_servers) == MAX_NAME_SERVERS
    assert len(found.registrar) == MAX_NAME
    assert found.registrar.isprintable()


@pytest.mark.parametrize(
    "members",
    [
        {"entities": "none"},
        {"entities": [1, None, [], {"roles": 5}, {"roles": ["registrar"], "vcardArray": ["vcard"]}]},
        {"entities": [{"roles": ["registrar"], "vcardArray": ["vcard", [["fn"], ["fn", {}, "text", 7], 3]]}]},
        {"entities": [{"roles": ["registrar"], "entities": {"roles": ["abuse"]}}]},
        {"nameservers": {"ldhName": "ns1.x.example"}},
        {"nameservers": [{"ldhName": 1}, {"ldhName": "a b"}, {"ldhName": "a..b"}, {"unicodeName": "x"}, None]},
    ],
)
def test_what_is_malformed_beside_the_date_costs_itself_only(members: dict[str, Any]) -> None:
    found = read_answer(answer(**members))
    assert found.registered is not None
    assert (found.registrar, found.abuse_contacts, found.name_servers) == ("", (), ())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b'{"events": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="its answer cannot be read"):
        read_answer(body)


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1950-01-01"])
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    events = [{"eventAction": "registration", "eventDate": date}]
    assert read_answer(json.dumps({"events": events}).encode()).registered is None
