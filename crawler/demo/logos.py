"""Logos for the demo's pages, taken from the brands' folders at serving time: nothing is copied into the pages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import resvg_py

from crawler.demo.sites import HERE
from detector.brands import load_brand
from detector.config import default_brands_dir
from detector.model import Logo

PNG_WIDTH = 640
"""Pixels of a logo that a page asks for as PNG: about twice what pages show, as kits have it."""

MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


class LogoMissingError(LookupError):
    """No brand folder has the logo that a page asks for."""


def made_up_brands() -> Path:
    """The folder of the demo's own brands."""
    return HERE / "brands"


@lru_cache(maxsize=256)
def logo_for(spec: str) -> Logo:
    """The logo that fits ``BRAND/KIND[/THEME[/ERA]]`` best: era weighs most, then kind, then theme (``any`` suits all).

    KIND may also be a file's name, where a brand's folder holds several products' logos: ``amazon/mark-simple.svg``.

    Raises:
        LogoMissingError: the brand is not there, or has no logo at all.
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
    """The logo as a page wants it: its content and media type.  ``.png`` rasterises an SVG.

    Raises:
        LogoMissingError: see :func:`logo_for`.
    """
    path = Path(logo_for(spec).path)
    if path.suffix == ".svg" and suffix == ".png":
        return bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=PNG_WIDTH)), "image/png"
    return path.read_bytes(), MEDIA_TYPES[path.suffix]
