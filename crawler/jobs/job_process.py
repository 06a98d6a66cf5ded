"""Start a run of a crawl job in a process of its own, for the scheduler and for the broker's workers."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from crawler.runtime.own_module import own_module


def start_job(workspace: Path, job: str, moment: datetime) -> subprocess.Popen[bytes]:
    """Start ``clonewatch schedule run`` for the crawl job ``job`` of ``workspace``, as the run planned for ``moment``.

    The process has a session of its own, so that Ctrl-C reaches only its parent, which then ends it in good order.
    """
    command, environment = own_module("crawler.cli.launch")
    command += ["schedule", "run", "--planned", moment.isoformat(), "--workspace", str(workspace), "--quiet", "--", job]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
