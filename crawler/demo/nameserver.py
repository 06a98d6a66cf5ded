"""A small authoritative DNS server (RFC 1035, UDP): the demo's hosts have the address 127.0.0.1, nothing else exists."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60


def answer(query: dns.message.Message, known: frozenset[str]) -> dns.message.Message:
    """Build the answer: an A record, an empty answer for other types of a known name, NXDOMAIN for all other names."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
        response.set_rcode(dns.rcode.NOTIMP)
        return response
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    if name not in known:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.A:
        response.answer.append(dns.rrset.from_text(question.name, TTL, "IN", "A", "127.0.0.1"))
    if not response.answer:
        # RFC 2308: resolvers cache a negative answer only when the zone's SOA comes with it.
        soa = "ns.demo.test. hostmaster.demo.test. 1 3600 600 86400 60"
        response.authority.append(dns.rrset.from_text("test.", TTL, "IN", "SOA", soa))
    return response


class NameServer:
    """A name server in a thread of its own, running while the context is open; ``address`` is ``127.0.0.1:PORT``."""

    def __init__(self, hosts: Iterable[str]) -> None:
        # A host's parents exist too, though nothing is there (RFC 8020); registrable names get the address as well.
        names = {host.lower() for host in hosts}
        self._known = frozenset(names | {".".join(name.split(".")[-2:]) for name in names})
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="demo-dns", daemon=True)
        self._stopping = threading.Event()
        self.queries = 0

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop and free the port; safe to call once."""
        address = self._socket.getsockname()
        self._stopping.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", address)
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
            self.queries += 1
            self._socket.sendto(answer(query, self._known).to_wire(), sender)
