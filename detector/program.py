"""The name and version of this program, as captures, manifests and exports record it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

NAME = "clonewatch"


@cache
def program_name() -> str:
    """``clonewatch 0.2.0``; ``clonewatch unknown`` where it runs without having been installed."""
    try:
        return f"{NAME} {version(NAME)}"
    except PackageNotFoundError:
        return f"{NAME} unknown"
