"""The reader of addresses: whatever people and programs write becomes the address that they mean, or is refused with the reason."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.canonical import MAX_URL, canonical
from crawler.addresses.defanging import refang

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = "\ufeff\xad\u200b\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE))
_AMPERSANDS = re.compile(r"&(?:amp;|#38;|#x26;)+", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I)
_PAIRS = dict(zip("<\"'`\u201c\u2018\xab\u300c([{", ">\"'`\u201d\u2019\xbb\u300d)]}", strict=True))
_AT_ENDS = _INVISIBLE + '<>"\u201c\u201d\xab\xbb\u300c\u300d\u3000'
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?!\d{1,5}(?:[/?#]|$))")
_DOUBLED_SCHEME = re.compile(r"\A(?:https?:/*)+(?=https?:)", re.I)
"""A scheme before another one: who pasted an address behind a scheme meant the address."""
_ONE_SLASH = re.compile(r"\s*(https?):[/\\]?(?=[^/\\\s])", re.I)
_LINK = re.compile(r"<([^|<>\s]+)\|[^<>]*>|\[[^\]]*\]\(([^()\s]+)\)")
"""Links of Slack and Markdown: the address with the text that is shown for it."""
_NETWORK = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}/(?:[0-2]?\d|3[0-2])")
_MAIL = re.compile(r"[^@/?#\s]+@[^@/?#\s:]+")
_WITHOUT_END = re.compile(r"[^/?#]*[,;]\s*")


def read_address(text: str) -> str:
    """Return the address that ``text`` means, as browsers spell it (:func:`~crawler.addresses.canonical.canonical`).

    Undone are quotation marks and brackets around it, a byte order mark and other invisible letters, HTML entities, and every
    way of defanging (:mod:`crawler.addresses.defanging`).  Without a scheme it is ``http``, or ``https`` on port 443.  User name
    and fragment are kept.

    Raises:
        BadUrl: it is no web address, or it is in doubt which one is meant: nothing is ever read as another host than the one meant.
    """
    if len(text) > 2 * MAX_URL:
        raise BadUrl(f"longer than {MAX_URL} characters")
    plain = _unwrapped(_unescaped(text))
    if not plain:
        raise BadUrl("empty")
    if len(plain) > MAX_URL:
        raise BadUrl(f"longer than {MAX_URL} characters")
    control = _CONTROL.search(plain)
    if control:
        raise BadUrl(f"holds the control character U+{ord(control[0]):04X}")
    found = refang(_DOUBLED_SCHEME.sub("", _narrow(plain)))
    if _WITHOUT_END.fullmatch(found.rest):
        found = replace(found, rest=found.rest.rstrip(",; "))
    if found.scheme:
        return canonical(found.scheme, found.rest, exact=not found.is_defanged)
    return _without_scheme(found.rest, plain)


def _without_scheme(rest: str, text: str) -> str:
    one = _ONE_SLASH.match(rest)
    if one:
        return canonical(one[1].lower(), rest[one.end() :])
    named = _NAME.match(rest)
    if named:
        return canonical(named[1].lower(), "")
    if _MAIL.fullmatch(rest):
        raise BadUrl(f"{text[:60]!r} is a mail address")
    if _NETWORK.fullmatch(rest):
        raise BadUrl(f"{text[:60]!r} is a network, not an address")
    if "." not in _unended(rest) and ":" not in _unended(rest) and rest.isascii():
        raise BadUrl(f"{text[:60]!r} names no host")
    url = canonical("http", rest, exact=False)
    authority = url.removeprefix("http://").partition("/")[0]
    host, colon, port = authority.rpartition("@")[2].partition(":")
    if "." not in host and not host.startswith("["):
        raise BadUrl(f"{text[:60]!r} names no host")
    if colon and port == "443" and not host.startswith("["):
        return canonical("https", url.removeprefix("http://"))
    return url


def _unended(rest: str) -> str:
    """Return what stands before the path."""
    return re.split(r"[/?#\\]", rest.lstrip("/\\"), maxsplit=1)[0]


def _unescaped(text: str) -> str:
    """Undo HTML entities, also those that were escaped again; only those that end with a semicolon (``&copy=1`` is a parameter)."""
    for _ in range(4):
        if "&" not in text:
            return text
        before, text = text, _ENTITY.sub(lambda found: html.unescape(found[0]), _AMPERSANDS.sub("&", text))
        if text == before:
            return text
    raise BadUrl("HTML entities are escaped more than three times")


def _unwrapped(text: str) -> str:
    """Take away blanks, and the quotation marks and brackets that stand around an address."""
    while True:
        linked = _LINK.fullmatch(text.strip())
        if linked is not None:
            text = linked[1] or linked[2]
        text = text.strip().strip(_AT_ENDS)
        if len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and not _is_ipv6(text):
            text = text[1:-1]
        else:
            return text


def _is_ipv6(text: str) -> bool:
    return text.startswith("[") and text.count(":") > 1 and not any(letter in text for letter in "/hH")


def _narrow(text: str) -> str:
    """Spell what stands before the path in plain letters: no full-width ones (``ｈｔｔｐ：／／``), and none that are invisible."""
    if text.isascii():
        return text
    head = text[:300].translate(_FULL_WIDTH)
    start = re.match(r"[^/]{0,30}//", head)
    end = re.search(r"[/?#]", head[start.end() :] if start else head)
    length = (start.end() if start else 0) + (end.end() if end else 300)
    return head[:length].translate(_WITHOUT_INVISIBLE) + text[length:]
