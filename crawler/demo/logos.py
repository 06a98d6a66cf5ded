"""Logos for the demo's pages, read from the brands' folders when a page is served."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import resvg_py

from crawler.demo.sites import HERE
from detector.brands import load_brand
from detector.config import default_brands_dir
from detector.model import Logo

PNG_WIDTH = 640
"""Width in pixels of a logo that a page asks for as PNG: about twice the shown width, as in phishing kits."""

MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


class LogoMissingError(LookupError):
    """No brand folder has the logo that a page asks for."""


def made_up_brands() -> Path:
    """Return the folder of the demo's own brands."""
    return HERE / "brands"


@lru_cache(maxsize=256)
def logo_for(spec: str) -> Logo:
    """Return the logo that fits ``BRAND/KIND[/THEME[/ERA]]`` best: era counts most, then kind, then theme (``any`` fits all).

    KIND may also be a file name, where a brand's folder holds logos of several products: ``amazon/mark-simple.svg``.

    Raises:
        LogoMissingError: there is no such brand, or it has no logo.
        BrandFileError: its folder is malformed.
    """
    brand_id, kind, *rest = spec.split("/")
    theme, era = (*rest, *("any", "current")[len(rest) :])
    themes = (theme, "any", "light", "dark")
    for parent in (made_up_brands(), default_brands_dir()):
        if (parent / brand_id).is_dir():
            logos = load_brand(parent / brand_id).logos
            if logos:
                return min(
                    logos,
                    key=lambda logo: (
                        Path(logo.path).name != kind,
                        logo.era != era,
                        logo.kind != kind,
                        themes.index(logo.theme),
                        len(logo.path),
                    ),
                )
    raise LogoMissingError(f"no logo for {spec!r}: no folder of that brand has one")


@lru_cache(maxsize=256)
def logo_bytes(spec: str, suffix: str) -> tuple[bytes, str]:
    """Return content and media type of a logo, in the format that a page asks for; ``.png`` rasterises an SVG.

    Raises:
        LogoMissingError: see :func:`logo_for`.
    """
    path = Path(logo_for(spec).path)
    if path.suffix == ".svg" and suffix == ".png":
        return bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=PNG_WIDTH)), "image/png"
    return path.read_bytes(), MEDIA_TYPES[path.suffix]
