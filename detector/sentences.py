"""Parts of the sentences that people read: counts with their nouns, and text without what a terminal obeys or nobody may see."""

from __future__ import annotations

from detector.masking import HIDDEN, without_secrets

__all__ = ["HIDDEN", "counted", "printable", "without_secrets"]


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 page``, ``2 pages``.

    ``many`` is for what an s does not make plural: ``counted(3, "page is", "pages are")``.
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def printable(text: str, instead: str = " ") -> str:
    """Replace every character that is not printable (control, direction, private use, unassigned) by ``instead``."""
    return "".join(char if char.isprintable() else instead for char in text)
