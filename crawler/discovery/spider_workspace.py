"""The workspace of a discovery run, and the brands that the run is about."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from scrapy.crawler import Crawler

from detector.errors import UsageError
from detector.model import Brand
from detector.workspace import Workspace


def brands_of(workspace: Workspace, ids: Collection[str]) -> list[Brand]:
    """The brands of those ids, in the library's order; all where no id is given.

    Raises:
        UsageError: an id that the library does not have.
        BrandFileError: a brand's folder is malformed.
    """
    library = workspace.library()
    unknown = [brand for brand in ids if library.get(brand) is None]
    if unknown:
        raise UsageError(f"unknown brand {', '.join(unknown)}; `clonewatch brands list` shows those there are")
    return [brand for brand in library if not ids or brand.id in ids]


def open_workspace(crawler: Crawler) -> Workspace:
    """Open the workspace that Scrapy's settings name."""
    folder = crawler.settings.get("CLONEWATCH_WORKSPACE")
    brands = [part for part in (crawler.settings.get("CLONEWATCH_BRANDS") or "").split(os.pathsep) if part]
    return Workspace.open(Path(folder) if folder else None, brands=brands or None)
