"""The report folder's ``manifest.json``: keys of the pages that are up to date, and counts of captures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from detector.report.tally import CaptureTally

NAME = "manifest.json"
FORMAT = "clonewatch report 1"


@dataclass(slots=True)
class ReportManifest:
    """``pages`` maps a case's id to the key of all that its page shows."""

    format: str = FORMAT
    pages: dict[str, str] = field(default_factory=dict)
    tally: CaptureTally = field(default_factory=CaptureTally)


def load(folder: Path) -> ReportManifest:
    """Read a folder's manifest; an empty one, so that all pages are rendered, where it is missing, damaged or of another format."""
    try:
        manifest = msgspec.json.decode((folder / NAME).read_bytes(), type=ReportManifest)
    except (OSError, msgspec.DecodeError):
        return ReportManifest()
    return manifest if manifest.format == FORMAT else ReportManifest()


def dump(manifest: ReportManifest) -> str:
    """The manifest as JSON text."""
    return msgspec.json.format(msgspec.json.encode(manifest)).decode()
