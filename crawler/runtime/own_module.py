"""How this program starts a module of its own in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path


def own_module(module: str) -> tuple[list[str], dict[str, str]]:
    """(command, environment) that run ``module`` of this very program, wherever the user happens to stand."""
    # -P: a folder called "crawler" in the current one is not the program
    command = [sys.executable, "-P", "-m", module]
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return command, {**os.environ, "PYTHONPATH": path}


def job_process(workspace: Path, job: str, moment: datetime) -> subprocess.Popen[bytes]:
    """A run of a crawl job that answers a moment, in a process and a session of its own."""
    command, environment = own_module("crawler.cli.launch")
    command += ["schedule", "run", "--planned", moment.isoformat(), "--workspace", str(workspace), "--quiet", "--", job]
    # a session of its own: Ctrl-C is for whoever started it, who ends it himself
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
