"""A name server on 127.0.0.1 (RFC 1035, UDP), and a zone of records for it to answer from."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

TTL = 60
_SOA = dns.rrset.from_text(".", TTL, "IN", "SOA", "ns.test. root.test. 1 60 60 60 60")


@dataclass
class Zone:
    """Records of the name server; names in lower case and without a final dot.

    A name without records of its own does not exist, even where names below it do.
    """

    addresses: dict[str, list[str]] = field(default_factory=dict)
    """IPv4 addresses; names have no others."""
    aliases: dict[str, str] = field(default_factory=dict)
    name_servers: dict[str, list[str]] = field(default_factory=dict)
    mail: dict[str, list[str]] = field(default_factory=dict)
    """MX records as zone files write them: ``10 mx.test.``."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """TXT records without their quotation marks."""
    wildcards: dict[str, list[str]] = field(default_factory=dict)
    """``zone`` -> addresses of ``*.zone``."""
    servfail: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    """Names that exist without any address."""

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """Answer a query; None where the server stays silent."""
        name = asked_name(query)
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            response.set_rcode(dns.rcode.NOTIMP)
        elif name in self.servfail:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(response, name)
        return response

    def _fill(self, response: dns.message.Message, name: str) -> None:
        """Add the records for ``name``, or the reason why there are none."""
        question = response.question[0]
        target = self.aliases.get(name, name)
        addresses = self.addresses.get(target)
        if addresses is None:
            parents = [target.split(".", cut)[-1] for cut in range(1, target.count(".") + 1)]
            addresses = next((self.wildcards[parent] for parent in parents if parent in self.wildcards), None)
        owner = question.name
        records: list[str] = []
        if question.rdtype == dns.rdatatype.NS:
            records = [f"{server}." for server in self.name_servers.get(name, ())]
        elif question.rdtype == dns.rdatatype.MX:
            records = self.mail.get(name, [])
        elif question.rdtype == dns.rdatatype.TXT:
            records = [f'"{text}"' for text in self.texts.get(name, ())]
        else:
            if target != name:
                response.answer.append(_record_set(owner, dns.rdatatype.CNAME, [f"{target}."]))
                owner = dns.name.from_text(target)
            if question.rdtype == dns.rdatatype.A:
                records = addresses or []
        if records:
            response.answer.append(_record_set(owner, question.rdtype, records))
            return
        if addresses is None and not any(
            name in known for known in (self.empty, self.name_servers, self.mail, self.texts)
        ):
            response.set_rcode(dns.rcode.NXDOMAIN)
        # resolvers keep an answer that says "nothing" only where the zone's SOA comes with it (RFC 2308)
        response.authority.append(_SOA)


def _record_set(owner: dns.name.Name, kind: dns.rdatatype.RdataType, records: Sequence[str]) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(owner, TTL, [_record(kind, record) for record in records])


@lru_cache(maxsize=4096)
def _record(kind: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
    """Parse a record; parsing takes longer than all the rest of an answer, and most names share their addresses."""
    return dns.rdata.from_text(dns.rdataclass.IN, kind, text)


class NameServer:
    """Authoritative for everything, over UDP on 127.0.0.1 (RFC 1035), in a thread while the context is open.

    ``answer`` gets a query and returns the response, or None for silence; datagrams that are no DNS messages are ignored.
    """

    def __init__(self, answer: Callable[[dns.message.Message], dns.message.Message | None], port: int = 0) -> None:
        """Take ``port``, by default a free one; queries are answered while the context is open."""
        self._answer = answer
        self.asked: Counter[str] = Counter()
        """Queries by name."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, name="loopback-dns", daemon=True)
        self._stopping = threading.Event()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if self._stopping.is_set():
                return
            try:
                query = dns.message.from_wire(data)
            except dns.exception.DNSException:
                continue
            if query.flags & dns.flags.QR:
                continue  # an answer, and nobody was asked
            self.asked[asked_name(query)] += 1
            response = self._answer(query)
            if response is not None:
                self._socket.sendto(response.to_wire(), sender)


def asked_name(query: dns.message.Message) -> str:
    """Return the name that is asked for, in lower case and without a final dot; empty where there is no question."""
    return query.question[0].name.to_text(omit_final_dot=True).lower() if query.question else ""
