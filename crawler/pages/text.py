"""Clean text that pages give us."""

from __future__ import annotations


def clean(text: str) -> str:
    """Text without NUL and lone surrogates, which neither UTF-8 nor a database takes."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
