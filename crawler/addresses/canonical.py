"""The canonical spelling of a web address: what is written in many ways becomes the URL that a browser would request.

Fragments are kept: page scripts read them, and what they show depends on it (``#/login``, ``#someone@bank.example``).  Those that
select no page are dropped: an empty one and ``#top``, which mean the top of every page (HTML standard, "find a potential indicated
element"), and directives after ``:~:``, which browsers take away before a page sees them (URL fragment text directives).
Addresses that differ only in these are one.
"""

from __future__ import annotations

from urllib.parse import quote

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.host_part import host_and_port

MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = "/:@!$&'()*+,;=~-._%[]|"
_QUERY_SAFE = _PATH_SAFE + "?{}^`\\"
_FRAGMENT_SAFE = _PATH_SAFE + "?{}^\\#"
_USER_SAFE = "!$&'()*+,~-._%"
_DIRECTIVE = ":~:"


def canonical(scheme: str, rest: str, *, exact: bool = True) -> str:
    """Return ``scheme`` and ``rest``, which follows its slashes, as browsers spell them.

    Lower-case ASCII host, no default port, no dot segments, everything else percent-encoded where it must be; user name and
    password as they are.  ``exact``: it was written for a browser, so that ``127.1`` is 127.0.0.1.  After the WHATWG URL
    standard, RFC 3986 section 5.2.4 and UTS #46.

    Raises:
        BadUrl: scheme, host or port are none.
    """
    if scheme not in DEFAULT_PORTS:
        raise BadUrl(f"scheme {scheme[:20]!r} is not supported, only http and https")
    before, _, fragment = rest.lstrip("/\\").partition("#")
    before, mark, query = before.partition("?")
    authority, slash, path = before.replace("\\", "/").partition("/")
    user, _, place = authority.rpartition("@")
    host, port = host_and_port(place, exact=exact)
    named = "" if port in {None, DEFAULT_PORTS[scheme]} else f":{port}"
    target = _without_dot_segments(quote(slash + path, safe=_PATH_SAFE)) or "/"
    asked = f"?{quote(query, safe=_QUERY_SAFE)}" if mark and query else ""
    return f"{scheme}://{_user(user)}{host}{named}{target}{asked}{_fragment(fragment)}"


def _user(text: str) -> str:
    """Return user name and password with their ``@``; empty where both are."""
    name, colon, password = text.partition(":")
    if not name and not password:
        return ""
    name, password = quote(name, safe=_USER_SAFE), quote(password, safe=_USER_SAFE)
    return f"{name}{colon if password else ''}{password}@"


def _fragment(text: str) -> str:
    """Return the fragment with its ``#``; empty where it selects no page."""
    kept = text.partition(_DIRECTIVE)[0]
    return "" if kept.lower() in {"", "top"} else "#" + quote(kept, safe=_FRAGMENT_SAFE)


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
