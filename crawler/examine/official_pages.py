"""Capture a brand's own sign-in pages as references: pictures and facts, stored in the brand's folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.capture.capturer import Capturer
from detector.brands import BrandLibrary
from detector.errors import EnvironmentFault
from detector.evidence import Evidence
from detector.files import write_atomically
from detector.model import Brand, Capture, Outcome, to_json

PAGES = "pages"


@dataclass(frozen=True, slots=True)
class ReferenceCapture:
    """The result for one official page: its file, or the reason why it was not stored."""

    url: str
    stored: Path | None
    reason: str = ""


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
    else would cause false flags.

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
            references.append(ReferenceCapture(url, _store(capture, evidence, kept)))
    return references


def _refusal(capture: Capture, library: BrandLibrary, brand: Brand) -> str:
    if capture.outcome != Outcome.OK or capture.screenshot is None or capture.facts is None:
        return f"{capture.outcome}: {capture.note}" if capture.note else str(capture.outcome)
    host = urlsplit(capture.final_url).hostname or ""
    owner = library.owner_of(host)
    if owner is None or owner.id not in library.family(brand.id):
        return f"it ended on {host}, which is not one of {brand.name}'s domains"
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
