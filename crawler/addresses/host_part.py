"""The host of an address as browsers spell it: names as in DNS, IPv4 addresses in four decimal parts."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote_to_bytes

from crawler.addresses.bad_url import BadUrl
from detector.hosts import MAX_HOST, ascii_host

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_SIGNS_IN_NAMES = frozenset(".-_\u00b7\u30fb\u05f3\u05f4\u3002\uff0e\uff61\uff0d\uff3f")
"""Punctuation that names may have (RFC 5892, appendix A; the middle dot and others), and dots that browsers take for dots."""
_LONE_MIDDLE_DOT = re.compile("(?<!l)\u00b7|\u00b7(?!l)", re.I)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]*")
_LEAST_NUMBER = 1 << 24
"""Numbers below are addresses of 0.0.0.0/8, where no host is (RFC 1122, section 3.2.1.3): the rest of an address that was cut."""


def host_and_port(text: str, *, exact: bool) -> tuple[str, int | None]:
    """Return the host as DNS and URLs spell it, IPv6 in brackets, and the port; None where none is given.

    ``exact``: the address was written for a browser.  In one that people changed or shortened, ``192.0.2`` is no way to write
    ``192.0.0.2``, which a browser would open.

    Raises:
        BadUrl: it is neither a name nor an address, or it is in doubt which one.
    """
    if text.startswith("["):
        host, rest = _ipv6(text)
        if rest and not rest.startswith(":"):
            raise BadUrl(f"{text[:60]!r} is not a host")
        port = rest.removeprefix(":")
    else:
        host, _, port = text.partition(":")
        host = _dns_host(host, exact=exact)
    return host, _port(port) if port else None


def _ipv6(text: str) -> tuple[str, str]:
    inner, bracket, rest = text[1:].partition("]")
    try:
        # a zone (RFC 4007) is of this machine's interfaces, and no URL of the web has one
        host = f"[{IPv6Address(inner)}]" if bracket and "%" not in inner else ""
    except ValueError as error:
        raise BadUrl(f"[{inner[:50]}] is not an IPv6 address") from error
    if not host:
        raise BadUrl(f"{text[:60]!r} is not a host")
    return host, rest


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) < 65536:
        raise BadUrl(f"{text[:12]!r} is not a port")
    return int(text)


def _dns_host(host: str, *, exact: bool) -> str:
    """Spell a host as in DNS queries, by :func:`detector.hosts.ascii_host`; IPv4 addresses in four decimal parts."""
    if len(host) > 1000:
        raise BadUrl(f"{host[:60]!r} is not a host name")
    if any(character.isspace() for character in host):
        raise BadUrl(f"the host {host[:60]!r} holds a blank")
    if "%" in host:
        host = unquote_to_bytes(host).decode("utf-8", "replace")
    if not host.isascii():
        sign = next(
            (sign for sign in host if unicodedata.category(sign)[0] in "PZ" and sign not in _SIGNS_IN_NAMES), None
        )
        if sign is None and _LONE_MIDDLE_DOT.search(host):
            sign = "\u00b7"
        if sign is not None:
            raise BadUrl(f"the host {host[:60]!r} holds the sign {sign}")
    host = ascii_host(host.strip(".")).strip(".")
    if not host:
        raise BadUrl("names no host")
    if len(host) > MAX_HOST or not _HOST.fullmatch(host):
        raise BadUrl(f"{host[:60]!r} is not a host name")
    return _ipv4(host, exact=exact) if _looks_numeric(host.rpartition(".")[2]) else host


def _looks_numeric(label: str) -> bool:
    return label.isdigit() or bool(_HEXADECIMAL.fullmatch(label))


def _ipv4(host: str, *, exact: bool) -> str:
    """Spell an IPv4 address in four decimal parts: ``0x7f.1`` and ``2130706433`` are 127.0.0.1 (WHATWG URL, IPv4 parser)."""
    parts = host.split(".")
    try:
        numbers = [_number(part) for part in parts]
        last = numbers[-1]
        if len(parts) > 4 or any(number > 255 for number in numbers[:-1]) or last >= 256 ** (5 - len(parts)):
            raise ValueError
        value = last + sum(number << (8 * (3 - index)) for index, number in enumerate(numbers[:-1]))
        address = str(IPv4Address(value))
    except ValueError as error:
        raise BadUrl(f"{host[:60]!r} is not an IPv4 address") from error
    if len(parts) < 4 and value < _LEAST_NUMBER:
        raise BadUrl(f"{host[:60]!r} is a number, or the beginning of an address")
    if not exact and len(parts) in (2, 3) and host.replace(".", "").isdigit():
        raise BadUrl(f"{host[:60]!r} is a part of an IPv4 address")
    return address


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)
