"""Parts of the sentences that people read: counts with their nouns, and text without what a terminal obeys or nobody may see."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>]+")
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
HIDDEN = "***"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 page``, ``2 pages``.

    ``many`` is for what an s does not make plural: ``counted(3, "page is", "pages are")``.
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def printable(text: str, instead: str = " ") -> str:
    """Replace every character that is not printable (control, direction, private use, unassigned) by ``instead``."""
    return "".join(char if char.isprintable() else instead for char in text)


def without_secrets(text: str) -> str:
    """Hide what addresses in a text may keep secret: user and password, the values of a query, and the fragment.

    ``https://user:word@feeds.example/list?key=word`` becomes ``https://***@feeds.example/list?key=***``.  Everything that is shown,
    logged or stored for people passes through here; the address itself stays where it is used.
    """
    return _ADDRESS.sub(lambda found: _hidden(found[0]), text)


def _hidden(address: str) -> str:
    place, mark, fragment = address.partition("#")
    place, question, query = _USER_INFO.sub(f"{HIDDEN}@", place).partition("?")
    # a part without a name may be the secret itself
    shown = [
        f"{name}={HIDDEN}" if equals else HIDDEN
        for name, equals, _ in (part.partition("=") for part in query.split("&"))
    ]
    return f"{place}{question}{'&'.join(shown) if query else ''}{mark}{HIDDEN if fragment else ''}"
