"""The name server of tests and benchmarks, and a zone for it to be asked about."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zone:
    """Records of the name server; names without a final dot."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    name_servers: dict[str, list[str]] = field(default_factory=dict)
    mail: dict[str, list[str]] = field(default_factory=dict)
    """MX records as zone files write them: ``10 mx.test.``."""
    wildcards: dict[str, list[str]] = field(default_factory=dict)
    """``zone`` -> addresses of ``*.zone``."""
    servfail: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    """Names without any address."""

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """Answer a query; None where it stays silent."""
        name, question = asked_name(query), query.question[0]
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if name in self.servfail:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        if question.rdtype == dns.rdatatype.NS:
            servers = [f"{server}." for server in self.name_servers.get(name, ())]
            if servers:
                response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "NS", *servers))
            return response
        if question.rdtype == dns.rdatatype.MX:
            if self.mail.get(name):
                response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "MX", *self.mail[name]))
            return response
        target = self.aliases.get(name, name)
        if target != name:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", f"{target}."))
        addresses = self.addresses.get(target)
        if addresses is None:
            parents = [target.split(".", cut)[-1] for cut in range(1, target.count(".") + 1)]
            addresses = next((self.wildcards[parent] for parent in parents if parent in self.wildcards), None)
        if addresses is None and name not in self.empty and name not in self.name_servers:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif addresses and question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(f"{target}.", 60, "IN", "A", *addresses))
        if not addresses or question.rdtype != dns.rdatatype.A:
            soa = "ns.test. root.test. 1 60 60 60 60"
            response.authority.append(dns.rrset.from_text(".", 60, "IN", "SOA", soa))
        return response


class NameServer:
    """Authoritative for everything, over UDP on 127.0.0.1 (RFC 1035), in a thread while the context is open.

    ``answer`` gets a query and gives the response, or None for silence; what cannot be read as a query is passed over.
    """

    def __init__(self, answer: Callable[[dns.message.Message], dns.message.Message | None]) -> None:
        self._answer = answer
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
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
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
            knock.sendto(b"", self._socket.getsockname())
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
            self.asked[asked_name(query)] += 1
            response = self._answer(query)
            if response is not None:
                self._socket.sendto(response.to_wire(), sender)


def asked_name(query: dns.message.Message) -> str:
    """The name that is asked for, in lower case and without a final dot; empty where there is no question."""
    return query.question[0].name.to_text(omit_final_dot=True).lower() if query.question else ""
