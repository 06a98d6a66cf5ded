"""URLs that nobody opens by accident: ``https://example.com/a`` becomes ``hxxps://example[.]com/a``."""

from __future__ import annotations

import re

_STRIPPED = str.maketrans("", "", "\t\r\n")
_SCHEME = re.compile(r"^([\x00-\x20]*)([A-Za-z][A-Za-z0-9+.\-]*):(?!\d+(?:[/?#\\]|$))")
_AUTHORITY = re.compile(r"^([/\\]*)([^/?#\\]*)", re.DOTALL)
_DOT = re.compile(r"([.。．｡])")
_DONE = re.compile(r"\[([.。．｡@:])\]")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\]")
_INNER = re.compile(r"(h)(tt)(p)(?=s?(?::|%3a))", re.IGNORECASE)
_LITERAL = re.compile(r"\[(://|[.:/@]|dot|xx)\]|(h)(xx)(p)(?=s?(?::|%3a))", re.IGNORECASE)
_CROSSES = str.maketrans("tT", "xX")

_DEFUSED = {"http": "hxxp", "https": "hxxps", "hxxp": "hxxp", "hxxps": "hxxps", "ftp": "fxp", "fxp": "fxp"}


def defang(url: str) -> str:
    """Return ``url`` so that no mail program, chat or terminal turns it into a link.

    ``http`` becomes ``hxxp``, dots and ``@`` of the authority stand in brackets, colons of an IPv6 address too, and any
    other scheme loses its colon (``javascript[:]...``).  URLs inside the path or query are defused as well; what looks
    like a mark of ours there gets a second pair of brackets, so that the reader of addresses
    (``crawler.addresses``) gives back exactly the same web address.  Total: takes any string, also one that is no URL,
    and never raises; ``defang(defang(x)) == defang(x)``.  Tabs and line breaks go, as browsers drop them (WHATWG URL,
    basic parser, step 3).
    """
    url = url.translate(_STRIPPED)
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[2].lower() in {"http", "https"}:
        rest = url[scheme.end() :]
        return f"{scheme[1]}{_DEFUSED[scheme[2].lower()]}:{_defuse_authority(rest, escape=True)}"
    if scheme is None or scheme[2].lower() not in _DEFUSED:
        url = _DONE.sub(r"\1", url)
        scheme = _SCHEME.match(url)
    if scheme is None:
        return _defuse_authority(url)
    lead, name = scheme.groups()
    rest = url[scheme.end() :]
    defused = _DEFUSED.get(name.lower())
    if defused is not None:
        return f"{lead}{defused}:{_defuse_authority(rest)}"
    if rest.startswith("//") or name.lower() == "mailto":
        return f"{lead}{name}[:]{_defuse_authority(rest)}"
    return f"{lead}{name}[:]{_defuse_inner(rest)}"


def _defuse_authority(text: str, *, escape: bool = False) -> str:
    match = _AUTHORITY.match(text)
    assert match is not None  # the expression matches the empty string
    slashes, authority = match.groups()
    authority = _defuse_inner(_DONE.sub(r"\1", authority), escape=escape)
    authority = _IPV6.sub(lambda found: f"[{found[1].replace(':', '[:]')}]", authority)
    authority = _DOT.sub(r"[\1]", authority).replace("@", "[@]")
    return slashes + authority + _defuse_inner(text[match.end() :], escape=escape)


def _defuse_inner(text: str, *, escape: bool = False) -> str:
    """Defuse addresses in a text; ``escape``: what looks like a mark, and is none yet, is kept apart from those."""
    if escape:
        text = _LITERAL.sub(lambda found: f"[[{found[1]}]]" if found[1] else f"{found[2]}[{found[3]}]{found[4]}", text)
    return _INNER.sub(lambda found: found[1] + found[2].translate(_CROSSES) + found[3], text)
