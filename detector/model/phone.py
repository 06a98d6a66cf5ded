"""Telephone numbers that pages show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from detector.model.page import Box


class PhoneSource(StrEnum):
    """The part of a page that shows a number."""

    TEXT = "text"
    LINK = "link"
    """A ``tel:`` link."""
    PICTURE = "picture"
    """Read off the screenshot."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number in a capture; a number from two sources is listed twice."""

    number: str
    """E.164: ``+18005550100``."""
    raw: str
    """As the page writes it: ``1-800-CALL-NOW``."""
    source: PhoneSource
    region: str = ""
    """ISO 3166 code of the country that the number belongs to; empty where it has none (``+800``)."""
    box: Box | None = None
    """Its place on the screenshot, where known."""
    vanity: bool = False
    """Written with letters."""
    official: str | None = None
    """Id of the brand whose own number it is."""
