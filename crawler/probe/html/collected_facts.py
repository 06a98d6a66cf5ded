"""The facts of one document while it is read, each kind up to its limit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from crawler.pages.text import clean
from crawler.probe.html.document_base import DocumentBase
from crawler.probe.html.label_texts import LabelTexts
from detector.model import NOWHERE, Box, ChallengeMark, Form, ImageBox, InputField, Origin

MOST_ORIGINS = 20
MOST_IMAGES, MOST_INPUTS, MOST_FORMS = 400, 200, 100
MOST_ADDRESSES = {"links": 2000, "resources": 2000, "icons": 20, "telephones": 100}
MOST_TEXT = 500
"""Characters of an attribute's text that are kept."""
USUAL_SIDE = 100.0
"""Pixels that a picture is taken to have where the document does not say."""
_PIXELS = re.compile(r"\s*(\d{1,4})")


@dataclass
class CollectedFacts:
    """Facts of the elements, attributes and comments that were read so far."""

    url: str
    title: str = ""
    language: str = ""
    refresh: str = ""
    """Absolute URL to which the page forwards its visitor by a refresh."""
    audio: int = 0
    unloads: int = 0
    said: list[str] = field(default_factory=list)
    """Names and descriptions of the site that the head gives."""
    addresses: dict[str, dict[str, None]] = field(default_factory=lambda: {kind: {} for kind in MOST_ADDRESSES})
    """Absolute addresses of each kind in :data:`MOST_ADDRESSES`, in the document's order."""
    images: list[ImageBox] = field(default_factory=list)
    inputs: list[InputField] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    marks: list[ChallengeMark] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    """Text of the label for the field of each id."""
    label_texts: LabelTexts = field(default_factory=LabelTexts)
    reached: dict[str, None] = field(default_factory=dict)
    """Limits, as ``PageFacts.limits_reached`` names them."""
    base: DocumentBase = field(init=False)

    def __post_init__(self) -> None:
        self.base = DocumentBase(self.url)

    def add_address(self, kind: str, address: str) -> None:
        """Add an address of one of the kinds in :data:`MOST_ADDRESSES`, once."""
        if not address:
            return
        known = self.addresses[kind]
        if len(known) < MOST_ADDRESSES[kind]:
            known.setdefault(address)
        elif address not in known:
            self.reached.setdefault(kind)

    def add_image(self, node: etree._Element | None, tag: str, alt: str | None, src: str) -> None:
        """Add a picture; ``node`` says how large it is: None for a background, of which nothing does."""
        if len(self.images) < MOST_IMAGES:
            box = NOWHERE if node is None else Box(0, 0, *(_side(node.get(name)) for name in ("width", "height")))
            self.images.append(ImageBox(tag=tag, box=box, alt=shortened(alt), src=src))
        else:
            self.reached.setdefault("pictures")

    def add_origin(self, mark: str, address: str | None) -> None:
        """Add the address that a mark gives as the one from which the page was copied, if it is one of the web."""
        origin = self.base.absolute(address)
        if origin.startswith(("http://", "https://")) and len(self.origins) < MOST_ORIGINS:
            self.origins.append(Origin(mark, origin))


ElementReader = Callable[[CollectedFacts, etree._Element], None]
"""Adds what one element says to the facts."""


def shortened(text: str | None) -> str:
    """Return the first :data:`MOST_TEXT` characters, stripped, and without what is no text."""
    return clean(text[:MOST_TEXT]).strip() if text else ""


def _side(value: str | None) -> float:
    digits = _PIXELS.match(value or "")
    return float(digits[1]) if digits else USUAL_SIDE
