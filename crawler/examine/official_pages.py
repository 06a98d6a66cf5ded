"""Capture a brand's own sign-in pages as references: pictures and facts, stored in the brand's folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.capture.capturer import Capturer
from detector.brands import BrandLibrary, asks_for_consent, page_fault
from detector.errors import EnvironmentFault, EvidenceError
from detector.evidence import Evidence
from detector.files import write_atomically
from detector.model import Brand, Capture, Outcome, to_json
from detector.signals.capture_view import UnreadablePicture, decode_picture
from detector.signals.screenshot.blocks import FEWEST, shown_blocks

MAX_PIXELS = 50_000_000
PAGES = "pages"


@dataclass(frozen=True, slots=True)
class ReferenceCapture:
    """The result for one official page: its file, or the reason why it was not stored."""

    url: str
    stored: Path | None
    reason: str = ""
    warning: str = ""
    """Reason for which what was stored is a poor reference, and what to do; empty where it is a good one."""


async def capture_official_pages(
    capturer: Capturer,
    evidence: Evidence,
    library: BrandLibrary,
    brand: Brand,
    urls: Sequence[str],
    home: Callable[[], Brand] | None = None,
) -> list[ReferenceCapture]:
    """Capture the brand's own pages and store ``pages/NAME.png``, ``NAME.json`` and ``NAME.favicon.png``.

    ``home``: called for the brand in whose folder a page is stored, before the first one is; by default ``brand``.

    A page that failed, or that ended on a host which the brand does not own, is not stored: a reference that shows something
    else would cause false flags.  One that shows what many sites share is stored with a warning, and compared without it.

    Raises:
        EnvironmentFault: the brand's folder cannot be written.
    """
    references = []
    for url in urls:
        capture = await capturer.capture(url)
        reason = _refusal(capture, library, brand)
        if reason:
            references.append(ReferenceCapture(url, None, reason))
        else:
            kept = home() if home is not None else brand
            warning = reference_warning(capture, evidence)
            references.append(ReferenceCapture(url, _store(capture, evidence, kept), warning=warning))
    return references


def _refusal(capture: Capture, library: BrandLibrary, brand: Brand) -> str:
    if capture.outcome != Outcome.OK or capture.screenshot is None or capture.facts is None:
        return f"{capture.outcome}: {capture.note}" if capture.note else str(capture.outcome)
    host = urlsplit(capture.final_url).hostname or ""
    owner = library.owner_of(host)
    if owner is None or owner.id not in library.family(brand.id):
        return f"it ended on {host}, which is not one of {brand.name}'s domains"
    return ""


def reference_warning(capture: Capture, evidence: Evidence) -> str:
    """Say why a captured page is a poor reference, and what to do; empty where it is a good one."""
    facts = capture.facts
    if facts is None or capture.screenshot is None:
        return ""
    if fault := page_fault(facts):
        return f"it shows {fault}, as many sites do, and will not be compared with anything; capture the page again when it is back"
    if asks_for_consent(facts.text):
        return (
            "a dialog that asks for consent is on the page. Its text and its part of the picture are left out of comparisons, and "
            "so is what it hides; name an address without it with --url"
        )
    try:
        pixels = decode_picture(evidence.get(capture.screenshot), MAX_PIXELS)
    except (EvidenceError, UnreadablePicture):
        return ""
    if shown_blocks(pixels) < FEWEST:
        return "its picture is nearly empty, and will not be compared; check what a browser shows there, and capture it again"
    return ""


def _store(capture: Capture, evidence: Evidence, brand: Brand) -> Path:
    assert capture.screenshot is not None
    assert capture.facts is not None
    folder = Path(brand.folder) / PAGES
    name = page_name(capture.url)
    files = {
        f"{name}.json": to_json(capture.facts),
        f"{name}.png": evidence.get(capture.screenshot),
    }
    if capture.favicon is not None:
        files[f"{name}.favicon.png"] = evidence.get(capture.favicon)
    try:
        folder.mkdir(exist_ok=True)
        for file, data in files.items():
            write_atomically(folder / file, data, durable=False)
    except OSError as error:
        raise EnvironmentFault(
            f"{folder}: official pages cannot be stored ({error.strerror}); check space and permissions"
        ) from error
    return folder / f"{name}.png"


def page_name(url: str) -> str:
    """``https://www.example.com/login?x=1`` -> ``www-example-com-login``."""
    parts = urlsplit(url)
    words = re.findall(r"[a-z0-9]+", f"{parts.hostname or ''} {parts.path}".lower())
    return "-".join(words)[:100] or "page"
