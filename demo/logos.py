"""Logos for the demo's pages, taken from the brands' folders at serving time: nothing is copied into the pages."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import resvg_py

from demo.sites import HERE
from detector.config import default_brands_dir

PNG_WIDTH = 640
"""Pixels of a logo that a page asks for as PNG: about twice what pages show, as kits have it."""


class LogoMissingError(LookupError):
    """No brand folder has the logo that a page asks for."""


def brand_folders() -> tuple[Path, ...]:
    """Where logos are looked for: the made-up brands first, then the real ones."""
    return HERE / "brands", default_brands_dir()


@lru_cache(maxsize=256)
def logo_file(spec: str) -> Path:
    """The file that fits ``BRAND/KIND[/THEME[/ERA]]`` best.

    KIND and ERA are wishes in that order of weight, THEME comes last; ``any`` suits every theme.

    Raises:
        LogoMissingError: the brand is not there, or has no logo at all.
    """
    brand, kind, theme, era = _parts(spec)
    for parent in brand_folders():
        path = parent / brand / "brand.toml"
        if not path.is_file():
            continue
        entries: Sequence[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("logos", [])
        ranked = sorted(entries, key=lambda entry: _distance(entry, kind, theme, era))
        if ranked:
            return path.parent / str(ranked[0]["file"])
    raise LogoMissingError(f"no logo for {spec!r} under {', '.join(str(folder) for folder in brand_folders())}")


def _parts(spec: str) -> tuple[str, str, str, str]:
    brand, kind, *rest = spec.split("/")
    theme, era = (*rest, *("any", "current")[len(rest) :])
    return brand, kind, theme, era


def _distance(entry: dict[str, Any], kind: str, theme: str, era: str) -> tuple[bool, bool, int]:
    has = entry.get("theme", "any")
    return (
        entry.get("era", "current") != era,
        entry.get("kind") != kind,
        0 if has == theme else 1 if has == "any" else 2,
    )


@lru_cache(maxsize=256)
def logo_bytes(spec: str, suffix: str) -> tuple[bytes, str]:
    """The logo as a page wants it: its content and media type.

    ``.png`` rasterises an SVG; otherwise the file is served as it is.
    """
    path = logo_file(spec)
    if path.suffix == ".svg" and suffix == ".png":
        png = resvg_py.svg_to_bytes(svg_path=str(path), width=PNG_WIDTH)
        return bytes(png), "image/png"
    return path.read_bytes(), {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}[path.suffix]
