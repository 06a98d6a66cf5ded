"""Proxies of the operator that the guard connects through.

They speak HTTP ``CONNECT`` (RFC 9110, section 9.3.6) or SOCKS5 (RFC 1928, RFC 1929).
They are given the address that was checked, never a name.  Failures of the proxy itself are reported as such: they say nothing
about the site.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from crawler.net.guard.addresses import Address
from crawler.net.guard.byte_stream import ByteStream
from crawler.net.guard.http_heads import BadHeadError
from crawler.net.guard.traffic_ledger import FailureError, FailureKind
from detector.errors import ConfigError
from detector.sentences import printable

_DEFAULT_PORTS = {"http": 80, "socks5": 1080}
_SOCKS_REPLIES = {
    1: (FailureKind.PROXY, "general failure"),
    2: (FailureKind.PROXY, "its rules do not allow it"),
    3: (FailureKind.FAILED, "the network is unreachable"),
    4: (FailureKind.FAILED, "the host is unreachable"),
    5: (FailureKind.REFUSED, "the connection was refused"),
    6: (FailureKind.TIMEOUT, "it took too long"),
    7: (FailureKind.PROXY, "it does not connect at all"),
    8: (FailureKind.PROXY, "it does not know this kind of address"),
}


@dataclass(frozen=True, slots=True)
class UpstreamProxy:
    """One proxy; ``key`` is the setting that names it."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str = field(default="", repr=False)
    key: str = "capture.proxy"

    @property
    def label(self) -> str:
        """The proxy as shown to people, without its password."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    async def connect(self, address: Address, port: int, *, seconds: float) -> ByteStream:
        """Connect to ``address`` and ``port`` through the proxy, which must answer itself within ``seconds``.

        Raises:
            FailureError: the proxy itself failed (``PROXY``), or it says that the address cannot be reached.
        """
        try:
            async with asyncio.timeout(seconds):
                stream = await ByteStream.connect(self.host, self.port)
        except TimeoutError as error:
            raise self._failure("does not answer", "start it, or name another") from error
        except OSError as error:
            what = "refuses the connection" if isinstance(error, ConnectionRefusedError) else "cannot be reached"
            raise self._failure(f"{what} ({error.strerror or error})", "start it, or name another") from error
        try:
            if self.scheme == "socks5":
                await self._ask_socks(stream, address, port)
            else:
                await self._ask_http(stream, address, port)
        except (EOFError, BadHeadError) as error:
            stream.abort()
            raise self._failure(
                f"broke off when asked for {address} port {port}", f"is it a proxy of the kind {self.scheme}"
            ) from error
        except BaseException:
            stream.abort()
            raise
        return stream

    async def _ask_http(self, stream: ByteStream, address: Address, port: int) -> None:
        host = f"[{address}]" if address.version == 6 else str(address)
        lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
        if self.user is not None:
            pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {pair}")
        stream.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = await stream.read_head(lenient=True)
        if head is None:
            raise EOFError
        if not head.start[0].startswith(b"HTTP/") or not head.start[1].isdigit():
            raise self._failure("does not speak HTTP", "a SOCKS proxy is named as socks5://HOST:PORT")
        answer = b" ".join(head.start[1:]).decode("latin-1").strip()
        answer = printable(answer[:80], "?")
        status = answer[:3]
        if status == "200":
            return
        if status == "407":
            raise self._login_failure(answer)
        if status == "504":
            raise FailureError(
                FailureKind.TIMEOUT, f"{address} port {port} did not answer the proxy {self.label} ({answer})"
            )
        if status in ("502", "503"):
            raise FailureError(
                FailureKind.FAILED, f"the proxy {self.label} did not reach {address} port {port} ({answer})"
            )
        raise self._failure(
            f"does not connect to {address} port {port} ({answer})", "allow CONNECT to any address there"
        )

    async def _ask_socks(self, stream: ByteStream, address: Address, port: int) -> None:
        stream.write(b"\x05\x01\x00" if self.user is None else b"\x05\x02\x00\x02")
        version, method = await stream.read_exactly(2)
        if version != 5:
            raise self._failure("does not speak SOCKS5", "an HTTP proxy is named as http://HOST:PORT")
        if method == 2 and self.user is not None:
            user, password = self.user.encode(), self.password.encode()
            stream.write(b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password)
            if (await stream.read_exactly(2))[1] != 0:
                raise self._login_failure("SOCKS5")
        elif method != 0:
            raise self._login_failure("SOCKS5")
        kind = b"\x01" if address.version == 4 else b"\x04"
        stream.write(b"\x05\x01\x00" + kind + address.packed + port.to_bytes(2, "big"))
        _, reply, _, bound = await stream.read_exactly(4)
        if reply != 0:
            kind_of_failure, words = _SOCKS_REPLIES.get(reply, (FailureKind.PROXY, f"answer {reply}"))
            if kind_of_failure is FailureKind.PROXY:
                raise self._failure(f"does not connect to {address} port {port}: {words}", "allow it there")
            raise FailureError(kind_of_failure, f"the proxy {self.label} did not reach {address} port {port}: {words}")
        length = {1: 4, 4: 16}.get(bound) or (await stream.read_exactly(1))[0]
        await stream.read_exactly(length + 2)

    def _login_failure(self, answer: str) -> FailureError:
        if self.user is None:
            place = f"{self.scheme}://USER:PASSWORD@{self.host}:{self.port}"
            return self._failure(f"asks for a user and a password ({answer})", f"name it as {place}")
        return self._failure(
            f"does not accept the user {self.user!r} with the password that it was given ({answer})", "correct them"
        )

    def _failure(self, what: str, remedy: str) -> FailureError:
        return FailureError(FailureKind.PROXY, f"the proxy {self.label} {what}: {remedy} ({self.key})")


def parse_upstream(url: str | None, key: str = "capture.proxy") -> UpstreamProxy | None:
    """Parse ``http://[user:password@]host[:port]`` or ``socks5://...``; None for None or an empty string.

    Raises:
        ConfigError: it is malformed; the message names ``key``, and never shows a password.
    """
    if not url:
        return None
    expected = f"{key}: {_without_password(url)!r} must read http://HOST:PORT or socks5://HOST:PORT"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(expected) from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ConfigError(expected)
    user, password = parts.username, unquote(parts.password or "")
    user = None if user is None else unquote(user)
    if len((user or "").encode()) > 255 or len(password.encode()) > 255:
        raise ConfigError(f"{key}: user and password may have 255 bytes each")
    return UpstreamProxy(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], user, password, key)


def parse_proxies(proxies: Mapping[str, str]) -> dict[str, UpstreamProxy | None]:
    """Parse the proxies of places; an empty address: none.

    Raises:
        ConfigError: one is malformed.
    """
    return {place: parse_upstream(url, f"capture.proxies.{place}") for place, url in proxies.items()}


def _without_password(url: str) -> str:
    scheme, colon, rest = url.partition("://") if "://" in url else ("", "", url)
    _, at, host = rest.rpartition("@")
    return f"{scheme}{colon}***@{host}" if at else url
