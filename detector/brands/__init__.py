"""Load ``brand_assets/`` as a library: brands, what belongs to them, and the owners of hosts.

A brand is a folder: ``brand.toml``, ``logos/``, and ``pages/`` with captures of its own sign-in pages.  The format is
described in docs/brands.md.  Loading reads text only; pictures are decoded where they are compared
(:func:`render_logo`).
"""

from detector.brands.brand_loader import load_brand, valid_address
from detector.brands.domains import valid_domain
from detector.brands.library import BrandLibrary, known_ids, load_library
from detector.brands.library_check import Remark, RemarkKind, check_library
from detector.brands.logo_pictures import render_logo, render_picture, svg_problem
from detector.brands.shared_texts import asks_for_consent, consent_lines, page_fault, without_consent

__all__ = [
    "BrandLibrary",
    "Remark",
    "RemarkKind",
    "asks_for_consent",
    "check_library",
    "consent_lines",
    "known_ids",
    "load_brand",
    "load_library",
    "page_fault",
    "render_logo",
    "render_picture",
    "svg_problem",
    "valid_address",
    "valid_domain",
    "without_consent",
]
