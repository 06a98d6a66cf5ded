"""Hide secrets where something is shown, logged or stored for people: by the shape of addresses, and by value.

Every secret in the configuration is remembered when it is read; the ways out of text (terminal, log, errors, stored reasons) then
hide it wherever it turns up, in a driver's message about a database for instance.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from urllib.parse import quote, unquote, unquote_plus

HIDDEN = "***"
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>]+")
_USER_INFO = re.compile(r"(?<=://)[^/?#]*@")
_PARTS = re.compile(r"://(?:(?P<user>[^/?#]*)@)?[^?#]*(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?", re.DOTALL)
_TELLING = re.compile(r"key|token|secret|pass|pwd|auth|sig|code|credential|session", re.IGNORECASE)
"""Parts of names of query values that are secret; others, such as ``sslmode=require``, are words that texts are full of."""
_WORD = re.compile(r".{0,3}|[a-z]{0,15}")
"""Values that are not hidden wherever they turn up, only in addresses: ``postgres`` and ``clonewatch`` stand in many sentences."""
_NAMES_OF_VARIABLES = frozenset(("authorization", "password"))
"""Fields of the configuration that name the environment's variable with a secret."""
_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def without_secrets(text: str) -> str:
    """Hide what addresses in a text may keep secret: user and password, the values of a query, the fragment, and known secrets.

    ``https://user:word@feeds.example/list?key=word`` becomes ``https://***@feeds.example/list?key=***``.  Everything that is shown,
    logged or stored for people passes through here; the address itself stays where it is used.
    """
    return without_known_secrets(_ADDRESS.sub(lambda found: _hidden(found[0]), text))


def without_known_secrets(text: str) -> str:
    """Hide the secrets that were remembered, wherever they stand in a text."""
    return _pattern.sub(HIDDEN, text) if _pattern is not None else text


def remember_secrets(value: object) -> None:
    """Remember the secrets in a configuration: in all its addresses, in the variables that it names, and in those of proxies."""
    global _pattern  # noqa: PLW0603  one process has one set of secrets, which only grows
    proxies = (address for name, address in os.environ.items() if name.lower().endswith("_proxy"))
    found = {secret for text in (*_addresses(value), *proxies) for secret in _secrets(text)} | set(_of_variables(value))
    fresh = {secret for secret in found if not _WORD.fullmatch(secret)} - _known
    if fresh:
        _known.update(fresh, (quote(secret, safe="") for secret in fresh))
        longest_first = sorted(_known, key=lambda secret: (-len(secret), secret))
        _pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])")


def _hidden(address: str) -> str:
    place, mark, fragment = address.partition("#")
    place, question, query = _USER_INFO.sub(f"{HIDDEN}@", place).partition("?")
    # a part without a name may be the secret itself
    shown = [
        f"{name}={HIDDEN}" if equals else HIDDEN
        for name, equals, _ in (part.partition("=") for part in query.split("&"))
    ]
    return f"{place}{question}{'&'.join(shown) if query else ''}{mark}{HIDDEN if fragment else ''}"


def _addresses(value: object) -> Iterator[str]:
    """Yield every address in a configuration, however deep."""
    if isinstance(value, str):
        if "://" in value:
            yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _addresses(getattr(value, field.name))
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _addresses(inner)


def _of_variables(value: object) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name in _NAMES_OF_VARIABLES and isinstance(inner, str) and inner:
                kept = os.environ.get(inner, "")
                yield from (kept, kept.rpartition(" ")[2])  # "Bearer word": the word
            else:
                yield from _of_variables(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _of_variables(inner)


def _secrets(address: str) -> Iterator[str]:
    found = _PARTS.search(address)
    if found is None:
        return
    user, colon, password = (found["user"] or "").partition(":")
    mailbox = address.startswith("imap")  # its user is a mail address
    if colon or not mailbox:
        yield from {(password if colon else user), unquote(password if colon else user)}
    for part in (found["query"] or "").split("&"):
        name, _, secret = part.partition("=")
        if _TELLING.search(name):
            yield from {secret, unquote_plus(secret)}
