"""Baits that nobody may reach: they listen on every kind of address that this machine has, and count who comes."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from crawler.loopback.connections import ConnectionHandler, ConnectionServer
from tests.support.pages.sites import BAIT_ADDRESS, answer, self_signed

BAIT_NAME = "bait.kumoriva.example"
"""A name that the tests' resolve rules lead to the bait."""
INWARD_NAME = "inward.kumoriva.example"
"""A name that the tests' name server leads to the bait."""
PAGE_ADDRESS = "127.0.0.3"
"""Address that serves the pages which try all ways out, so that 127.0.0.1 can be a bait."""


def own_addresses() -> tuple[str, ...]:
    """The machine's addresses in its network, where it has one: found in the routing table, nothing is sent."""
    found = []
    for family, far in ((socket.AF_INET, "198.51.100.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    return tuple(address for address in found if not address.startswith("fe80"))


def unvouched(folder: Path, bait: str) -> ssl.SSLContext:
    """A server's TLS context with a certificate whose issuer is not sent along: who judges it must fetch that from the bait."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    methods = (AuthorityInformationAccessOID.CA_ISSUERS, "aia-issuer"), (AuthorityInformationAccessOID.OCSP, "aia-ocsp")
    places = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(f"{bait}/{path}")) for method, path in methods
    ]
    lists = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{bait}/crl")], None, None, None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PAGE_ADDRESS)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an issuer who is far away")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(PAGE_ADDRESS))]), critical=False)
        .add_extension(x509.AuthorityInformationAccess(places), critical=False)
        .add_extension(x509.CRLDistributionPoints([lists]), critical=False)
        .sign(issuer, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "unvouched.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class Baits:
    """Listens on several addresses, for plain http, TLS and datagrams, and remembers who came and what for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        """Paths that were asked for; ``connected`` for a connection that asked for nothing."""
        self.datagrams = 0
        self.http = 0
        self.https = 0
        self.own = own_addresses()
        self.addresses = ("127.0.0.1", BAIT_ADDRESS, "::1", *self.own)

    @property
    def visits(self) -> int:
        """Connections and datagrams."""
        return len(self.paths) + self.datagrams

    def reached(self) -> set[str]:
        """The ways out that led here."""
        return {path.partition("?")[0].lstrip("/") for path in self.paths}

    def forget(self) -> None:
        """Count from zero again."""
        self.paths.clear()
        self.datagrams = 0

    async def touch_all(self) -> None:
        """Connect and send to each of them, once, as an attacker would love to; back when all were counted."""
        for address in self.addresses:
            for port in (self.http, self.https):
                _, writer = await asyncio.open_connection(address, port)
                writer.close()
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                with socket.socket(family, socket.SOCK_DGRAM) as sender:
                    sender.sendto(b"x", (address, port))
        for _ in range(1000):
            if self.visits == 4 * len(self.addresses):
                break
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def listening(self, folder: Path) -> AsyncIterator[Baits]:
        """Listen until left, on the same ports at each address: one for http and datagrams, one for TLS."""
        async with AsyncExitStack() as stack:
            tls = self_signed(folder)
            self.http = await self._listen(stack, None)
            self.https = await self._listen(stack, tls)
            yield self

    async def _listen(self, stack: AsyncExitStack, tls: ssl.SSLContext | None) -> int:
        loop, baits = asyncio.get_running_loop(), self

        class Datagrams(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                baits.datagrams += 1

        for _ in range(50):
            async with AsyncExitStack() as attempt:
                port = 0
                try:
                    for address in self.addresses:
                        server = ConnectionServer(self._counting(tls), address=address, port=port)
                        port = (await attempt.enter_async_context(server)).port
                        transport, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=(address, port))
                        attempt.callback(transport.close)
                except OSError:
                    continue
                stack.push_async_exit(attempt.pop_all())
                return port
        raise RuntimeError("no port is free on all bait addresses")

    def _counting(self, tls: ssl.SSLContext | None) -> ConnectionHandler:
        """Return a handler that counts who connects, and makes the handshake itself, so that a failed one is counted too."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visit = len(self.paths)
            self.paths.append("connected")  # who connects has come, whatever becomes of the handshake
            if tls is not None:
                await writer.start_tls(tls)
            words = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
            self.paths[visit] = words[1].decode("latin-1")
            writer.write(answer(b"internal secret", Access_Control_Allow_Origin="*"))
            await writer.drain()

        return serve
