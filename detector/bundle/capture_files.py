"""The files that a capture's bundle holds, and their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detector.model import Capture, StoredFile

FOLDER = "files"
NAMES = {
    "screenshot": "screenshot.png",
    "full_page": "full-page.png",
    "before_clicks": "before-clicks.png",
    "favicon": "favicon.png",
    # a double click must not run a criminal's page
    "dom": "dom.html.txt",
    "warc": "traffic.warc.gz",
    "har": "traffic.har",
    "certificates": "certificates.pem",
    "record": "record.json",
}
"""File names by role.  ``record`` is the whole capture as JSON: page facts, network log, all that the manifest leaves out."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file of evidence and the name that it has in a bundle."""

    name: str
    """``files/screenshot.png``; ``files/view-2-phone-screenshot.png`` for what another profile saw."""
    role: str
    view: int
    """0 for the capture itself, then its other profiles' views in order."""
    stored: StoredFile


def files_of(capture: Capture) -> Iterator[NamedFile]:
    """Name all files of a capture and of its other profiles' views."""
    for number, view in enumerate(capture.views):
        prefix = "" if number == 0 else f"view-{number + 1}-{_plain(view.profile)}-"
        for role, stored in view.files():
            yield NamedFile(f"{FOLDER}/{prefix}{NAMES[role]}", role, number, stored)


def _plain(profile: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", profile.lower()).strip("-")[:40] or "other"
