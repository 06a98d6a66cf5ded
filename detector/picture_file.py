"""A picture on disk, with the page facts beside it where there are some, as a Capture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from detector.model import Capture, Outcome, PageFacts, StoredFile, from_json
from detector.signals.capture_view import UnreadablePicture, decode_picture

MAX_PICTURE_BYTES = 60_000_000
MAX_FACTS_BYTES = 20_000_000


def capture_of_picture(
    path: Path, max_pixels: int = 50_000_000, *, facts: bool = True
) -> tuple[Capture, Callable[[], bytes | None]]:
    """A capture made of ``NAME.png`` and ``NAME.json`` (or ``NAME.png.json``), and the reader of its bytes.

    What cannot be read is no exception: the capture's outcome is ``unreadable`` and its note says why.  Facts that cannot be
    read leave the picture alone, with a note; ``facts=False`` does not look for them.
    """
    known, note = _facts_beside(path) if facts else (None, "")
    try:
        data = _read_limited(path, MAX_PICTURE_BYTES)
        decode_picture(data, max_pixels)
    except (OSError, UnreadablePicture, ValueError) as error:
        said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        return Capture(
            str(path), Outcome.UNREADABLE, facts=known, final_url=known.url if known else "", note=said
        ), lambda: None
    stored = StoredFile(hashlib.sha256(data).hexdigest(), "image/png", len(data))
    capture = Capture(
        url=str(path),
        outcome=Outcome.OK,
        final_url=known.url if known else "",
        screenshot=stored,
        facts=known,
        note=note,
    )
    return capture, lambda: data


def _facts_beside(path: Path) -> tuple[PageFacts | None, str]:
    for candidate in (path.with_suffix(".json"), path.with_name(path.name + ".json")):
        if not candidate.is_file():
            continue
        try:
            return from_json(_read_limited(candidate, MAX_FACTS_BYTES), PageFacts), ""
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            return None, f"the page facts in {candidate.name} cannot be read ({error}); the picture is judged alone"
    return None, ""


def _read_limited(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"more than {limit} bytes")
    return data
