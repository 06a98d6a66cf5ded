"""Compare two views of one address, made for different screens and languages: do they show the same page?

A phone's page is the desktop's in another order, with less of it visible; a translated page has other words in the same structure;
advertisements, times and counters change from view to view.  So pages are compared by several measures
(words, addresses of their own files and links, named fields, pictures), and one that says "the same" is enough: only
pages that have nothing in common count as different.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import imagehash
from PIL import Image

from detector.hosts import host_of, registrable_domain
from detector.model import Capture, PageFacts, StoredFile

ALIKE = 0.5
"""Overlap coefficient (Szymkiewicz-Simpson) from which two sets come from the same page."""
MIN_WORDS, MIN_FILES, MIN_FIELDS = 8, 3, 2
"""Size of a set below which its overlap means nothing."""
LOPSIDED = 0.1
"""Ratio of sizes below which nearly all of the smaller set must be in the larger one."""
NEARLY_ALL = 0.9
PICTURE_BITS = 10
"""Hamming distance of two 64-bit perceptual hashes up to which pictures are the same (Zauner 2010)."""
EMPTY = 0.9
"""Share of one shade of grey from which a picture counts as nearly empty."""
MAX_TEXT, MAX_WORDS = 50_000, 5000
MAX_PIXELS = 50_000_000

_WORD = re.compile(r"[^\W\d_]{3,40}")
_DIGITS = re.compile(r"\d+")

Read = Callable[[StoredFile], bytes | None]


def alike(first: Capture, second: Capture, read: Read) -> bool | None:
    """Return True if two views show the same page; None where they show too little to tell.

    ``read`` returns a screenshot's bytes, None where there are none.  Accepts any page facts and never raises.
    """
    one, other = first.facts, second.facts
    if one is None or other is None:
        return None
    verdicts = [_words(one, other), _files(first, second), _fields(one, other)]
    if True in verdicts:
        return True
    if False in verdicts:
        return _excused(one, other)
    return _pictures(first, second, read)


def _excused(one: PageFacts, other: PageFacts) -> bool | None:
    """Compare by words; None where the views may be translations of each other, with nothing else to compare."""
    first, second = _tongue(one), _tongue(other)
    same_fields = {field.type for field in one.inputs} == {field.type for field in other.inputs}
    if first and second and first != second and same_fields and not (_own_files(one) or _own_files(other)):
        return None
    return False


def _words(one: PageFacts, other: PageFacts) -> bool | None:
    first, second = _vocabulary(one), _vocabulary(other)
    if min(len(first), len(second)) < MIN_WORDS:
        if not first or not second:
            return None
        return len(first & second) / len(first | second) >= ALIKE
    return _overlap(first, second)


def _files(first: Capture, second: Capture) -> bool | None:
    """Compare by the paths of the site's own files, forms and links, which survive translation and other screens."""
    if first.facts is None or second.facts is None:
        return None
    if registrable_domain(host_of(first.final_url)) != registrable_domain(host_of(second.final_url)):
        return None
    one, other = _own_files(first.facts), _own_files(second.facts)
    if min(len(one), len(other)) < MIN_FILES:
        return None
    return _overlap(one, other)


def _fields(one: PageFacts, other: PageFacts) -> bool | None:
    """Compare by the names of form fields."""
    first, second = ({f"{field.type}:{field.name}" for field in facts.inputs if field.name} for facts in (one, other))
    if min(len(first), len(second)) < MIN_FIELDS:
        return None
    return True if _overlap(first, second) else None


def _pictures(first: Capture, second: Capture, read: Read) -> bool | None:
    """Compare by perceptual hashes of pictures of one size, unless they are nearly empty: those all look alike."""
    pictures = []
    for stored in (first.screenshot, second.screenshot):
        data = read(stored) if stored else None
        if data is None:
            return None
        try:
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    return None
                pictures.append(picture.convert("L"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
    if pictures[0].size != pictures[1].size or any(_is_empty(picture) for picture in pictures):
        return None
    return bool(imagehash.phash(pictures[0]) - imagehash.phash(pictures[1]) <= PICTURE_BITS)


def _is_empty(picture: Image.Image) -> bool:
    return max(picture.histogram()) > EMPTY * picture.width * picture.height


def _overlap(one: set[str], other: set[str]) -> bool:
    small, large = sorted((len(one), len(other)))
    wanted = NEARLY_ALL if small < LOPSIDED * large else ALIKE
    return len(one & other) / small >= wanted


def _vocabulary(facts: PageFacts) -> set[str]:
    text = _fold(f"{facts.title}\n{facts.text[:MAX_TEXT]}")
    words: set[str] = set()
    for word in _WORD.findall(text)[:MAX_WORDS]:
        if word.isascii() or not _is_unspaced(word):
            words.add(word)
        else:  # a script without spaces: pairs of letters
            words.update(word[at : at + 2] for at in range(len(word) - 1))
    return words


def _is_unspaced(word: str) -> bool:
    return any("\u3040" <= char <= "\u9fff" or "\u0e00" <= char <= "\u0e7f" for char in word)


def _own_files(facts: PageFacts) -> set[str]:
    """Return the paths on the page's own domain, without numbers and queries."""
    here = registrable_domain(host_of(facts.url))
    return set(_paths(here, (*facts.resources, *facts.links, *(form.action for form in facts.forms))))


def _paths(here: str, urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            continue
        path = _DIGITS.sub("#", parts.path)
        if parts.scheme in ("http", "https") and registrable_domain(host) == here and path.strip("/"):
            yield path


def _tongue(facts: PageFacts) -> str:
    """Return the page's language as it states it, else the script of most of its words."""
    stated = facts.language.casefold().replace("_", "-").partition("-")[0]
    if stated:
        return stated
    letters = [char for char in facts.text[:2000] if char.isalpha()]
    return unicodedata.name(max(set(letters), key=letters.count), "").partition(" ")[0] if letters else ""


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
