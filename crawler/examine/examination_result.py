"""A judged capture together with its cost, as the examiner hands it to those who store and show it."""

from __future__ import annotations

from dataclasses import dataclass

from detector.model import Capture, Verdict
from detector.store import Seal


@dataclass(frozen=True, slots=True)
class ExaminationResult:
    """A judged capture, the seconds it took and the files that show it."""

    capture: Capture
    verdict: Verdict
    capture_seconds: float
    detect_seconds: float
    screenshot_path: str | None = None
    full_page_path: str | None = None
    other_paths: tuple[str | None, ...] = ()
    """Screenshots of what other profiles saw, in the order of ``capture.others``."""
    seal: Seal | None = None
    """Writes the manifest of the evidence when the result is stored."""
