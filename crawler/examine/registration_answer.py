"""Read a registry's answer about a domain (RDAP, RFC 9083; contacts as jCard, RFC 7095): hostile bytes, every list is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from detector.hosts import ascii_host, fits_dns
from detector.model import utcnow
from detector.sentences import printable

BEGINNINGS = ("registration", "reregistration")
"""Events (RFC 9083, section 10.2.3) at which the current registration began."""
FIRST_NAME = datetime(1985, 1, 1, tzinfo=UTC)
MAX_NAME, MAX_CONTACTS, MAX_NAME_SERVERS = 200, 5, 13
MAX_ENTITIES = 50
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,60}")
"""A plain address, so that no answer can smuggle a header or a second recipient into a mail."""


class _Event(msgspec.Struct):
    action: str = msgspec.field(name="eventAction", default="")
    date: str = msgspec.field(name="eventDate", default="")


class _Entity(msgspec.Struct):
    roles: Any = None
    card: Any = msgspec.field(name="vcardArray", default=None)
    entities: Any = None


class _Domain(msgspec.Struct):
    events: list[_Event] = []
    entities: Any = None
    name_servers: Any = msgspec.field(name="nameservers", default=None)


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """The parts of a registry's answer that say when, by whom and with which name servers a domain is registered."""

    registered: datetime | None
    """Beginning of the current registration; None where the answer has no sane date."""
    registrar: str
    abuse_contacts: tuple[str, ...]
    name_servers: tuple[str, ...]


def read_answer(body: bytes) -> RegistrationAnswer:
    """Read an answer; what is malformed beside the dates is left out.

    Raises:
        ValueError: it is no RDAP answer about a domain.
    """
    try:
        domain = msgspec.json.decode(body, type=_Domain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"its answer cannot be read ({error})") from error
    registrars = [entity for entity in _entities(domain.entities) if "registrar" in _roles(entity)]
    abuse = (
        mail
        for registrar in registrars
        for entity in _entities(registrar.entities)
        if "abuse" in _roles(entity)
        for mail in _card(entity, "email")
        if _MAIL.fullmatch(mail)
    )
    names = (name for registrar in registrars for name in _card(registrar, "fn"))
    return RegistrationAnswer(
        registered=_registered(domain.events),
        registrar=next((printable(name).strip()[:MAX_NAME] for name in names), ""),
        abuse_contacts=tuple(dict.fromkeys(abuse))[:MAX_CONTACTS],
        name_servers=_name_servers(domain.name_servers),
    )


def _registered(events: list[_Event]) -> datetime | None:
    dates = []
    for event in events:
        if event.action.lower() in BEGINNINGS:
            try:
                date = datetime.fromisoformat(event.date)
                # some registries leave out the time zone, and mean UTC
                dates.append(date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC))
            except (ValueError, OverflowError):
                continue
    sane = [date for date in dates if FIRST_NAME <= date <= utcnow() + timedelta(days=1)]
    return max(sane, default=None)


def _entities(found: Any) -> Iterator[_Entity]:
    for each in found[:MAX_ENTITIES] if isinstance(found, list) else ():
        if isinstance(each, dict):
            yield msgspec.convert(each, _Entity)


def _roles(entity: _Entity) -> list[Any]:
    return entity.roles if isinstance(entity.roles, list) else []


def _card(entity: _Entity, wanted: str) -> Iterator[str]:
    """Text values of one property of a jCard: ``["vcard", [["fn", {}, "text", "Example Registrar"], ...]]``."""
    match entity.card:
        case ["vcard", [*properties]]:
            for each in properties[:MAX_ENTITIES]:
                match each:
                    case [str(name), _, _, str(value)] if name == wanted:
                        yield value


def _name_servers(found: Any) -> tuple[str, ...]:
    names = (
        ascii_host(each["ldhName"].rstrip(".").lower())
        for each in (found[:MAX_ENTITIES] if isinstance(found, list) else ())
        if isinstance(each, dict) and isinstance(each.get("ldhName"), str)
    )
    return tuple(dict.fromkeys(name for name in names if name and fits_dns(name)))[:MAX_NAME_SERVERS]
