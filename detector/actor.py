"""Who sits at the keyboard, for the custody log."""

from __future__ import annotations

import getpass


def login() -> str:
    """The login name; ``unknown`` where there is none (a container's user need not have a name)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
