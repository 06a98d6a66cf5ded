"""The brand's side of a case: its stored official page, its logos, its own domains."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Protocol

from detector.errors import EvidenceError
from detector.model import Brand, Finding, Logo, OfficialPage
from detector.present.legible import label, one_line, safe_url, visible
from detector.present.pictures import PictureWriter, ReportPicture
from detector.present.views import LogoView, OfficialView

MAX_LOGOS = 6
_KINDS = ("wordmark", "mark", "tile")
_SIGN_IN = ("signin", "sign-in", "login", "log-in", "account")


class OfficialBrands(Protocol):
    """The part of :class:`detector.brands.BrandLibrary` that views need."""

    def get(self, brand_id: str, /) -> Brand | None:
        """The brand, None for an id that the library does not hold."""
        ...


def official_view(
    brand_id: str, brand: Brand | None, pictures: PictureWriter, findings: tuple[Finding, ...]
) -> OfficialView:
    """The brand's pictures; one that cannot be read becomes a note."""
    if brand is None:
        shown = one_line(brand_id, 80) or "no brand in the library"
        note = f"The brand “{shown}” is not in the library that this report was written with." if brand_id else ""
        return OfficialView(shown, shown, known=False, notes=(note,) if note else ())
    notes: list[str] = []
    page = choose_page(brand.pages, findings)
    picture = _try(lambda: pictures.official(page.screenshot), page.name, notes) if page else None
    logos = []
    for logo in choose_logos(brand.logos, findings):
        drawn = _try(lambda logo=logo: pictures.logo(logo), logo.path.rsplit("/", 1)[-1], notes)  # type: ignore[misc]
        if drawn is not None:
            logos.append(LogoView(drawn, dark=logo.theme == "dark"))
    return OfficialView(
        id=brand.id,
        name=one_line(brand.name, 80),
        known=True,
        page=picture,
        page_name=label(page.name) if page and picture else "",
        page_url=safe_url(page.url, 300) if page and picture and page.url else "",
        logos=tuple(logos),
        domains=tuple(visible(domain) for domain in brand.domains[:8]),
        notes=tuple(notes),
    )


def choose_page(pages: tuple[OfficialPage, ...], findings: tuple[Finding, ...]) -> OfficialPage | None:
    """The page that a finding names, else a sign-in page, else the first."""
    for page in pages:
        if _named(page.name, findings):
            return page
    for page in pages:
        if any(word in page.name.lower() for word in _SIGN_IN):
            return page
    return pages[0] if pages else None


def choose_logos(logos: tuple[Logo, ...], findings: tuple[Finding, ...]) -> tuple[Logo, ...]:
    """Choose at most :data:`MAX_LOGOS`: those that a finding names, then one of each kind, current before historical.

    Of one kind the shortest file name comes first: ``wordmark.svg`` is the brand's, ``wordmark-windows.svg`` a product's.
    """

    def key(logo: Logo) -> tuple[bool, int, bool, int, str]:
        rank = _KINDS.index(logo.kind) if logo.kind in _KINDS else len(_KINDS)
        name = PurePath(logo.path).name
        return logo.era != "current", rank, logo.theme == "dark", len(name), name

    ordered = sorted(logos, key=key)
    chosen = [logo for logo in ordered if _named(PurePath(logo.path).name, findings)]
    kinds = set()
    for logo in ordered:
        if (logo.kind, logo.era) not in kinds and logo not in chosen:
            chosen.append(logo)
        kinds.add((logo.kind, logo.era))
    chosen += [logo for logo in ordered if logo not in chosen]
    return tuple(chosen[:MAX_LOGOS])


def _named(name: str, findings: tuple[Finding, ...]) -> bool:
    """Return True if a finding with a measure mentions the file or page ``name`` as a word of its own."""
    whole = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    return len(name) > 3 and any(finding.measure and whole.search(finding.sentence) for finding in findings)


def _try(make: Callable[[], ReportPicture], name: str, notes: list[str]) -> ReportPicture | None:
    try:
        return make()
    except EvidenceError as error:
        notes.append(f"{visible(name)}: {visible(str(error))}.")
        return None
