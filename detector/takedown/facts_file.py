"""Page facts as a file of evidence."""

from __future__ import annotations

import hashlib

from detector.model import PageFacts, StoredFile, to_json


def facts_file(facts: PageFacts) -> tuple[StoredFile, bytes]:
    """The JSON of what a page said of itself, and its content address."""
    data = to_json(facts)
    return StoredFile(hashlib.sha256(data).hexdigest(), "application/json", len(data)), data
