"""The official numbers of brands."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumberFormat

from detector.model import Brand


def official_numbers(brands: Iterable[Brand]) -> dict[str, str]:
    """Map numbers (E.164) to the id of the brand that lists them; a number that a family's brands share belongs to its head."""
    found: dict[str, str] = {}
    for brand in sorted(brands, key=lambda brand: (bool(brand.family or brand.answers_as), brand.id)):
        for written in brand.phones:
            number = normal(written)
            if number is not None:
                found.setdefault(number, brand.id)
    return found


def normal(written: str, region: str | None = None) -> str | None:
    """Write a number in any spelling as E.164; None where it is not a number (national ones need ``region``)."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
