"""A telephone number as a line of JSON: where it was seen, and the cases it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.errors import UsageError
from detector.model import Decision
from detector.store import PhoneSummary, Store


@dataclass(frozen=True, slots=True)
class SightingLine:
    """One capture that shows a number."""

    capture: int
    url: str
    final_url: str
    seen: datetime
    decision: Decision
    brand: str | None
    written: tuple[str, ...]
    """The ways in which the page writes the number."""
    sources: tuple[str, ...]
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhoneNumberLine:
    """One number, its captures and the ids of its cases; documented in docs/phones.md."""

    phone: PhoneSummary
    cases: tuple[int, ...]
    captures: tuple[SightingLine, ...]


def phone_line(store: Store, number: str) -> PhoneNumberLine:
    """Return all that the store knows of a number in E.164.

    Raises:
        UsageError: no capture shows it.
        StoreError: the store cannot be read.
    """
    phone = store.phones.get(number)
    if phone is None:
        raise UsageError(f"no capture shows {number}; `clonewatch phones list` shows the numbers that captures show")
    return PhoneNumberLine(
        phone,
        tuple(case.id for case in store.phones.cases(number)),
        tuple(_sightings(store, number)),
    )


def _sightings(store: Store, number: str) -> list[SightingLine]:
    lines = []
    for capture_id, capture, verdict in store.phones.captures(number):
        views = (capture, *capture.others)
        shown = [(view, phone) for view in views for phone in view.phones if phone.number == number]
        lines.append(
            SightingLine(
                capture_id,
                capture.url,
                capture.final_url,
                capture.started,
                verdict.decision,
                verdict.brand,
                tuple(dict.fromkeys(phone.raw for _, phone in shown)),
                tuple(dict.fromkeys(str(phone.source) for _, phone in shown)),
                tuple(dict.fromkeys(view.profile for view, _ in shown)),
            )
        )
    return lines
