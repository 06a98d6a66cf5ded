"""Clean the text of pages."""

from __future__ import annotations


def clean(text: str) -> str:
    """Remove NUL characters and replace lone surrogates: neither UTF-8 nor a database accepts them."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
