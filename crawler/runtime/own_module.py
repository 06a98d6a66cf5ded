"""Start a module of this program in another Python process."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def own_module(module: str) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment that run ``module`` of this installation, whatever the current folder is."""
    # -P: a folder called "crawler" in the current one is not the program
    command = [sys.executable, "-P", "-m", module]
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return command, {**os.environ, "PYTHONPATH": path}
