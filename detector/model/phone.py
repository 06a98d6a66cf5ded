"""Telephone numbers that pages show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from detector.model.page import Box


class PhoneSource(StrEnum):
    """Where on a page a number stands."""

    TEXT = "text"
    LINK = "link"
    """A ``tel:`` link."""
    PICTURE = "picture"
    """Read off the screenshot."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One number that a capture shows; the same number from two sources is listed twice."""

    number: str
    """E.164: ``+18005550100``."""
    raw: str
    """As the page writes it: ``1-800-CALL-NOW``."""
    source: PhoneSource
    region: str = ""
    """ISO 3166 code of the country that the number belongs to; empty where it has none (``+800``)."""
    box: Box | None = None
    """Where on the screenshot, when known."""
    vanity: bool = False
    """Written with letters."""
    official: str | None = None
    """Id of the brand whose own number it is."""
