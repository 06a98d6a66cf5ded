"""Read a registry's answer about a domain (RDAP, RFC 9083): hostile bytes, every list is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crawler.net.rdap.rdap_entities import MAX_ENTITIES, mails_of, name_of, with_role
from detector.hosts import ascii_host, fits_dns
from detector.model import utcnow

BEGINNINGS = ("registration", "reregistration")
"""Events (RFC 9083, section 10.2.3) at which the current registration began."""
FIRST_NAME = datetime(1985, 1, 1, tzinfo=UTC)
MAX_NAME_SERVERS = 13


class _Event(msgspec.Struct):
    action: str = msgspec.field(name="eventAction", default="")
    date: str = msgspec.field(name="eventDate", default="")


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
    abuse = (
        desk
        for registrar in with_role(domain.entities, "registrar", 1)
        for desk in with_role(registrar.entities, "abuse", 1)
    )
    return RegistrationAnswer(
        registered=_registered(domain.events),
        registrar=name_of(with_role(domain.entities, "registrar", 1)),
        abuse_contacts=mails_of(abuse),
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


def _name_servers(found: Any) -> tuple[str, ...]:
    names = (
        ascii_host(each["ldhName"].rstrip(".").lower())
        for each in (found[:MAX_ENTITIES] if isinstance(found, list) else ())
        if isinstance(each, dict) and isinstance(each.get("ldhName"), str)
    )
    return tuple(dict.fromkeys(name for name in names if name and fits_dns(name)))[:MAX_NAME_SERVERS]
