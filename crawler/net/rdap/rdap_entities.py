"""Read the parts that RDAP answers share (RFC 9083), contacts as jCard (RFC 7095): hostile bytes, every list is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from detector.sentences import printable

MAX_NAME, MAX_CONTACTS = 200, 5
MAX_ENTITIES = 50
MAX_DEPTH = 3
"""Levels of entities within entities that are searched: registries nest an abuse desk in its organization."""
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,60}")
"""A plain address, so that no answer can smuggle a header or a second recipient into a mail."""


class RdapEntity(msgspec.Struct):
    """A person, organization or desk that an answer names (RFC 9083, section 5.1)."""

    roles: Any = None
    card: Any = msgspec.field(name="vcardArray", default=None)
    entities: Any = None


def entities_in(found: Any) -> Iterator[RdapEntity]:
    """Yield the entities of a list that a server sent, as far as they are any."""
    for each in found[:MAX_ENTITIES] if isinstance(found, list) else ():
        if isinstance(each, dict):
            yield msgspec.convert(each, RdapEntity)


def with_role(found: Any, role: str, depth: int = MAX_DEPTH) -> Iterator[RdapEntity]:
    """Yield the entities that have a role, those within other entities after all that stand beside them."""
    here = list(entities_in(found))
    for entity in here:
        if isinstance(entity.roles, list) and role in entity.roles:
            yield entity
    if depth > 1:
        for entity in here:
            yield from with_role(entity.entities, role, depth - 1)


def name_of(entities: Iterator[RdapEntity]) -> str:
    """Return the first name that one of the entities gives, printable; empty where none does."""
    names = (name for entity in entities for name in _card(entity, "fn"))
    return next((shown for name in names if (shown := printable(name).strip()[:MAX_NAME])), "")


def mails_of(entities: Iterator[RdapEntity]) -> tuple[str, ...]:
    """Return the plain mail addresses of the entities, each once."""
    mails = (mail for entity in entities for mail in _card(entity, "email") if _MAIL.fullmatch(mail))
    return tuple(dict.fromkeys(mails))[:MAX_CONTACTS]


def _card(entity: RdapEntity, wanted: str) -> Iterator[str]:
    """Text values of one property of a jCard: ``["vcard", [["fn", {}, "text", "Example Registrar"], ...]]``."""
    match entity.card:
        case ["vcard", [*properties]]:
            for each in properties[:MAX_ENTITIES]:
                match each:
                    case [str(name), _, _, str(value)] if name == wanted:
                        yield value
