"""Normalise URLs: what feeds write in many ways becomes the URL that a browser would request."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, unquote_to_bytes

from detector.hosts import MAX_HOST, ascii_host

MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*):(?!\d{1,5}(?:[/?#]|$))")
_REFANGED_SCHEME = re.compile(r"^\s*h[tx]{2}ps?(?=\[?:)", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*)\[(:|://)\]")
_AUTHORITY_FOLLOWS = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//")
_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|[\u3002\uff0e\uff61]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_PATH_SAFE = "/:@!$&'()*+,;=~-._%[]|"
_QUERY_SAFE = _PATH_SAFE + "?{}^`\\"


class BadUrl(ValueError):
    """A text is not a web address; the message says why."""


def refang(text: str) -> str:
    """Undo the defanging of an address such as ``hxxps[:]//evil[.]example``; the path stays as it is."""
    text = text.strip().strip("<>\"'")
    text = _DEFANGED_COLON.sub(r"\1\2", text)
    scheme = _REFANGED_SCHEME.match(text)
    if scheme:
        secure = scheme[0].strip().lower().endswith("s")
        text = ("https" if secure else "http") + text[scheme.end() :]
    prefix = _AUTHORITY_FOLLOWS.match(text)
    start = prefix.end() if prefix else 0
    ends = [position for mark in "/?#" if (position := text.find(mark, start)) >= 0]
    end = min(ends, default=len(text))
    authority = _DOT.sub(".", text[start:end]).replace("[@]", "@").replace("[:]", ":")
    return text[:start] + authority + text[end:]


def normalise(url: str) -> str:
    """Return the URL as browsers spell it: scheme (default ``http``), lower-case ASCII host, no default port, no dot segments.

    Defanged addresses are accepted; user names, passwords and fragments are dropped, as they select no page.  After the WHATWG URL
    standard, RFC 3986 section 5.2.4 and UTS #46.

    Raises:
        BadUrl: the text is not a web address.
    """
    if len(url) > MAX_URL:
        raise BadUrl(f"longer than {MAX_URL} characters")
    text = refang(url)
    if not text:
        raise BadUrl("empty")
    control = _CONTROL.search(text)
    if control:
        raise BadUrl(f"holds the control character U+{ord(control[0]):04X}")
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else "http"
    if name not in DEFAULT_PORTS:
        raise BadUrl(f"scheme {name[:20]!r} is not supported, only http and https")
    rest = (text[scheme.end() :] if scheme else text).lstrip("/\\")
    rest = rest.split("#", 1)[0]
    before_query, mark, query = rest.partition("?")
    authority, slash, path = before_query.replace("\\", "/").partition("/")
    host, port = _host_and_port(authority, name)
    if scheme is None and "." not in host and not host.startswith("["):
        raise BadUrl(f"{text[:60]!r} names no host")
    target = _without_dot_segments(quote(slash + path, safe=_PATH_SAFE)) or "/"
    return f"{name}://{host}{port}{target}" + (f"?{quote(query, safe=_QUERY_SAFE)}" if mark and query else "")


def _host_and_port(authority: str, scheme: str) -> tuple[str, str]:
    authority = authority.rpartition("@")[2]
    if authority.startswith("["):
        inner, bracket, port = authority[1:].partition("]")
        try:
            # a zone (RFC 4007) is of this machine's interfaces, and no URL of the web has one
            host = f"[{IPv6Address(inner)}]" if bracket and "%" not in inner else ""
        except ValueError as error:
            raise BadUrl(f"[{inner[:50]}] is not an IPv6 address") from error
        if not host or (port and not port.startswith(":")):
            raise BadUrl(f"{authority[:60]!r} is not a host")
        port = port.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
        host = _dns_host(host)
    if not port:
        return host, ""
    if not (port.isascii() and port.isdigit()) or not 0 < int(port[:9]) < 65536:
        raise BadUrl(f"{port[:12]!r} is not a port")
    return host, "" if int(port) == DEFAULT_PORTS[scheme] else f":{int(port)}"


def _dns_host(host: str) -> str:
    """Spell a host as in DNS queries, by :func:`detector.hosts.ascii_host`; IPv4 addresses in four decimal parts.

    Raises:
        BadUrl: no such name can exist in DNS.
    """
    if len(host) > 1000:
        raise BadUrl(f"{host[:60]!r} is not a host name")
    if "%" in host:
        host = unquote_to_bytes(host).decode("utf-8", "replace")
    host = ascii_host(host.strip(".")).strip(".")
    if not host:
        raise BadUrl("names no host")
    if len(host) > MAX_HOST or not _HOST.fullmatch(host):
        raise BadUrl(f"{host[:60]!r} is not a host name")
    return _ipv4(host) if _looks_numeric(host.rpartition(".")[2]) else host


def _looks_numeric(label: str) -> bool:
    return label.isdigit() or bool(re.fullmatch(r"0x[0-9a-f]*", label))


def _ipv4(host: str) -> str:
    """Spell an IPv4 address in four decimal parts: ``0x7f.1`` and ``2130706433`` are 127.0.0.1 (WHATWG URL, IPv4 parser)."""
    parts = host.split(".")
    try:
        numbers = [_number(part) for part in parts]
        last = numbers[-1]
        if len(parts) > 4 or any(number > 255 for number in numbers[:-1]) or last >= 256 ** (5 - len(parts)):
            raise ValueError
        value = last + sum(number << (8 * (3 - index)) for index, number in enumerate(numbers[:-1]))
        return str(IPv4Address(value))
    except ValueError as error:
        raise BadUrl(f"{host[:60]!r} is not an IPv4 address") from error


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)


def _without_dot_segments(path: str) -> str:
    segments: list[str] = []
    parts = path.split("/")[1:]
    for index, part in enumerate(parts):
        plain = part.lower().replace("%2e", ".")
        if plain == "..":
            segments = segments[:-1]
        elif plain != ".":
            segments.append(part)
            continue
        if index == len(parts) - 1:
            segments.append("")
    return "/" + "/".join(segments)
