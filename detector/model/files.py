"""Files of evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of evidence, addressed by its content."""

    sha256: str
    media_type: str
    size: int
