"""URLs that nobody opens by accident: ``https://example.com/a`` becomes ``hxxps://example[.]com/a``."""

from __future__ import annotations

import re

_STRIPPED = str.maketrans("", "", "\t\r\n")
_SCHEME = re.compile(r"^([\x00-\x20]*)([A-Za-z][A-Za-z0-9+.\-]*):(?!\d+(?:[/?#\\]|$))")
_AUTHORITY = re.compile(r"^([/\\]*)([^/?#\\]*)", re.DOTALL)
_DOT = re.compile(r"([.。．｡])")
_DONE = re.compile(r"\[([.。．｡@:])\]")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\]")
_INNER = re.compile(r"h(?:tt|xx)p(s?)(?=:|%3a)", re.IGNORECASE)

_DEFUSED = {"http": "hxxp", "https": "hxxps", "hxxp": "hxxp", "hxxps": "hxxps", "ftp": "fxp", "fxp": "fxp"}


def defang(url: str) -> str:
    """Return ``url`` so that no mail program, chat or terminal turns it into a link.

    ``http`` becomes ``hxxp``, dots and ``@`` of the authority stand in brackets, colons of an IPv6 address too, and any
    other scheme loses its colon (``javascript[:]...``).  URLs inside the path or query are defused as well.  Total:
    takes any string, also one that is no URL, and never raises; ``defang(defang(x)) == defang(x)``.  Tabs and line
    breaks go, as browsers drop them (WHATWG URL, basic parser, step 3).
    """
    url = _DONE.sub(r"\1", url.translate(_STRIPPED))
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


def _defuse_authority(text: str) -> str:
    match = _AUTHORITY.match(text)
    assert match is not None  # the expression matches the empty string
    slashes, authority = match.groups()
    authority = _IPV6.sub(lambda found: f"[{found[1].replace(':', '[:]')}]", authority)
    authority = _DOT.sub(r"[\1]", authority).replace("@", "[@]")
    return slashes + _defuse_inner(authority) + _defuse_inner(text[match.end() :])


def _defuse_inner(text: str) -> str:
    return _INNER.sub(r"hxxp\1", text)
