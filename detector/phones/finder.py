"""Search a whole capture for telephone numbers."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import phonenumbers
import structlog
from numpy.typing import NDArray
from phonenumbers import PhoneNumberFormat
from PIL import Image

from detector.brands import BrandLibrary
from detector.frames import with_frames
from detector.limits import readable_share
from detector.model import NOWHERE, Box, Brand, Capture, PageFacts, Phone, PhoneSource
from detector.phones.locales import own_regions
from detector.phones.number_text import FoundNumber, find_in_text, region_of
from detector.phones.official import official_numbers
from detector.phones.phone_links import numbers_of_links
from detector.phones.scare import pressure_strength, scare_phrases
from detector.pictures.shown_picture import as_shown
from detector.reading import CouldNotRead, TextLine, picture_areas, read_lines, text_regions

log = structlog.get_logger(__name__)

MAX_PIXELS = 50_000_000
SHORT_TEXT = 300
"""Characters of text up to which a page may have the rest of its text in pictures."""
LARGE_PICTURE = 60_000
"""Square pixels from which a picture is read, on a page of little text."""
_told: set[str] = set()


@dataclass(frozen=True, slots=True)
class PhoneSearch:
    """The numbers found, and the reason why pictures that should be read were not; empty where none was skipped."""

    phones: tuple[Phone, ...]
    skipped: str = ""


def find_phones(capture: Capture, read: Callable[[], bytes | None], brands: Iterable[Brand] = ()) -> tuple[Phone, ...]:
    """Find all numbers that a capture shows, each once for each source.  Never raises because of a page's content.

    Args:
        read: returns the bytes of the screenshot, None when there is none; called only if pictures have to be read.
        brands: the brands whose official numbers are known; a :class:`BrandLibrary` is indexed only once.
    """
    search = search_phones(capture, read, brands)
    if search.skipped and search.skipped not in _told:
        _told.add(search.skipped)
        log.warning("numbers in pictures are not read", reason=search.skipped)
    return search.phones


def search_phones(capture: Capture, read: Callable[[], bytes | None], brands: Iterable[Brand] = ()) -> PhoneSearch:
    """Find all numbers as :func:`find_phones` does; the result also says why pictures were not read."""
    known = _known(brands)
    facts = with_frames(capture.facts or PageFacts())
    own = own_regions(facts.language, capture.final_url or facts.url or capture.url)
    phones = [*_in_text(facts, own, known), *_in_links(facts, own, known)]
    skipped = ""
    try:
        phones += _in_pictures(capture, read, own, known)
    except CouldNotRead as reason:
        skipped = str(reason)
    return PhoneSearch(_distinct(phones), skipped)


def is_worth_reading(capture: Capture) -> bool:
    """Tell whether a page is likely to show a number in a picture: it pressures, frightens, or has little text."""
    facts = capture.facts
    if facts is None:
        return True
    if pressure_strength(facts.pressure) > 0 or scare_phrases(f"{facts.title}\n{facts.text}"):
        return True
    large = any(image.box.width * image.box.height >= LARGE_PICTURE for image in facts.images)
    readable = len(facts.text.strip()) * readable_share(facts) if facts.view_text is None else len(facts.view_text)
    return large and readable <= SHORT_TEXT


_books: WeakKeyDictionary[BrandLibrary, dict[str, str]] = WeakKeyDictionary()


def _known(brands: Iterable[Brand]) -> Mapping[str, str]:
    if not isinstance(brands, BrandLibrary):
        return official_numbers(brands)
    if brands not in _books:
        _books[brands] = official_numbers(brands)
    return _books[brands]


def _phone(found: FoundNumber, source: PhoneSource, known: Mapping[str, str], box: Box | None = None) -> Phone:
    return Phone(found.number, found.raw, source, found.region, box, found.vanity, known.get(found.number))


def _in_text(facts: PageFacts, own: Collection[str], known: Mapping[str, str]) -> list[Phone]:
    return [
        _phone(found, PhoneSource.TEXT, known)
        for text in (facts.title, facts.text, facts.view_text or "")
        for found in find_in_text(text, tuple(own), known)
    ]


def _in_links(facts: PageFacts, own: Collection[str], known: Mapping[str, str]) -> list[Phone]:
    phones = []
    for raw, number, vanity in numbers_of_links(facts.telephones, tuple(own)):
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        phones.append(Phone(e164, raw, PhoneSource.LINK, region_of(number), None, vanity, known.get(e164)))
    return phones


def _in_pictures(
    capture: Capture, read: Callable[[], bytes | None], own: Collection[str], known: Mapping[str, str]
) -> list[Phone]:
    if capture.screenshot is None or not is_worth_reading(capture):
        return []
    pixels = _pixels(read())
    if pixels is None:
        return []
    height, width = pixels.shape[:2]
    areas = picture_areas(capture.facts.images, width, height) if capture.facts else [(0, 0, width, height)]
    lines = read_lines(pixels, text_regions(pixels, areas))
    text = "\n".join(line.text for line in lines)
    return [
        _phone(found, PhoneSource.PICTURE, known, _box_at(lines, found.start))
        for found in find_in_text(text, tuple(own), known)
    ]


def _pixels(data: bytes | None) -> NDArray[np.uint8] | None:
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            return np.asarray(as_shown(image).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _box_at(lines: list[TextLine], offset: int) -> Box:
    for line in lines:
        if offset <= len(line.text):
            return line.box
        offset -= len(line.text) + 1
    return NOWHERE


def _distinct(phones: list[Phone]) -> tuple[Phone, ...]:
    """Keep each number once for each source, as it is written first."""
    return tuple({(phone.number, phone.source): phone for phone in reversed(phones)}.values())[::-1]
