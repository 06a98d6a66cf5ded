"""The error that says why a text is not read as a web address."""

from __future__ import annotations


class BadUrl(ValueError):
    """A text is not a web address, or it is in doubt which one; the message says why."""
