"""The name server answers from a zone's records, tells what is absent from what is empty, and survives garbage."""

import socket
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import pytest

from crawler.loopback.nameserver import NameServer, Zone, asked_name

ZONE = Zone(
    addresses={"live.test": ["192.0.2.1", "192.0.2.2"], "own.farm.test": ["192.0.2.9"]},
    aliases={"alias.test": "live.test", "lost.test": "gone.test"},
    name_servers={"live.test": ["ns1.test"], "delegated.test": ["ns1.test"]},
    mail={"live.test": ["10 mx.test."], "mail.test": ["10 mx.test."]},
    wildcards={"farm.test": ["192.0.2.8"]},
    servfail={"broken.test"},
    silent={"silent.test"},
    empty={"empty.test"},
)


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    with NameServer(ZONE.answer) as running:
        yield running


def ask(server: NameServer, query: dns.message.Message) -> dns.message.Message:
    return dns.query.udp(query, "127.0.0.1", port=server.port, timeout=60)


@pytest.mark.parametrize(
    ("name", "kind", "code", "records"),
    [
        ("live.test", "A", dns.rcode.NOERROR, ["192.0.2.1", "192.0.2.2"]),
        ("LIVE.test", "A", dns.rcode.NOERROR, ["192.0.2.1", "192.0.2.2"]),
        ("live.test", "AAAA", dns.rcode.NOERROR, []),
        ("live.test", "NS", dns.rcode.NOERROR, ["ns1.test."]),
        ("live.test", "MX", dns.rcode.NOERROR, ["10 mx.test."]),
        ("own.farm.test", "NS", dns.rcode.NOERROR, []),
        ("own.farm.test", "MX", dns.rcode.NOERROR, []),
        ("own.farm.test", "A", dns.rcode.NOERROR, ["192.0.2.9"]),
        ("any.farm.test", "A", dns.rcode.NOERROR, ["192.0.2.8"]),
        ("alias.test", "A", dns.rcode.NOERROR, ["live.test.", "192.0.2.1", "192.0.2.2"]),
        ("lost.test", "A", dns.rcode.NXDOMAIN, ["gone.test."]),
        ("delegated.test", "A", dns.rcode.NOERROR, []),
        ("mail.test", "A", dns.rcode.NOERROR, []),
        ("empty.test", "A", dns.rcode.NOERROR, []),
        ("absent.test", "A", dns.rcode.NXDOMAIN, []),
        ("absent.test", "AAAA", dns.rcode.NXDOMAIN, []),
        ("absent.test", "NS", dns.rcode.NXDOMAIN, []),
        ("absent.test", "MX", dns.rcode.NXDOMAIN, []),
        ("broken.test", "A", dns.rcode.SERVFAIL, []),
    ],
)
def test_records(server: NameServer, name: str, kind: str, code: dns.rcode.Rcode, records: list[str]) -> None:
    response = ask(server, dns.message.make_query(name, kind))
    assert response.rcode() == code
    assert [record for rrset in response.answer for record in sorted(each.to_text() for each in rrset)] == records
    assert response.flags & dns.flags.AA


def test_an_answer_without_records_carries_the_zones_soa(server: NameServer) -> None:
    for name, kind in (("live.test", "AAAA"), ("own.farm.test", "MX"), ("empty.test", "A"), ("absent.test", "A")):
        assert ask(server, dns.message.make_query(name, kind)).authority
    assert not ask(server, dns.message.make_query("live.test", "A")).authority


def test_what_is_no_query_does_not_stop_the_server(server: NameServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for data in (b"\x00garbage", b"", dns.message.make_response(dns.message.make_query("a.test", "A")).to_wire()):
            client.sendto(data, ("127.0.0.1", server.port))
    without_question = dns.message.make_query("live.test", "A")
    without_question.question.clear()
    assert ask(server, without_question).rcode() == dns.rcode.NOTIMP
    notify = dns.message.make_query("live.test", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    assert ask(server, notify).rcode() == dns.rcode.NOTIMP
    assert ask(server, dns.message.make_query("live.test", "A")).answer


def test_silence_is_an_answer_too_and_queries_are_counted() -> None:
    with NameServer(ZONE.answer) as server:
        query = dns.message.make_query("silent.test", "A")
        assert ZONE.answer(query) is None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(query.to_wire(), ("127.0.0.1", server.port))
            client.settimeout(60)
            client.sendto(dns.message.make_query("Live.test", "A").to_wire(), ("127.0.0.1", server.port))
            answered = dns.message.from_wire(client.recv(4096))
        assert asked_name(answered) == "live.test"
        assert dict(server.asked) == {"silent.test": 1, "live.test": 1}
        assert server.address == f"127.0.0.1:{server.port}"
