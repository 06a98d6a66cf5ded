"""The login name of the person at the keyboard, for the custody log."""

from __future__ import annotations

import getpass


def login() -> str:
    """Return the login name; ``unknown`` where there is none (the user of a container may have no name)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
