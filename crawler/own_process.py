"""How this program starts a module of its own in another process."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def own_module(module: str) -> tuple[list[str], dict[str, str]]:
    """(command, environment) that run ``module`` of this very program, wherever the user happens to stand."""
    # -P: a folder called "crawler" in the current one is not the program
    command = [sys.executable, "-P", "-m", module]
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return command, {**os.environ, "PYTHONPATH": path}
