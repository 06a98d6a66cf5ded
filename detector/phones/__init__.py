"""Telephone numbers on a page: found in its text, its links and its pictures, written in one form."""

from __future__ import annotations

from collections.abc import Callable

from detector.model import Capture, Phone


def find_phones(capture: Capture, read: Callable[[], bytes | None]) -> tuple[Phone, ...]:
    """All numbers that a capture shows; ``read`` returns the bytes of its screenshot (None when there is none)."""
    return ()
