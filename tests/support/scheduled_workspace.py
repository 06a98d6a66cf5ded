"""A workspace with one yearly crawl job, and a scheduler that runs it in the background."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.preloaded import PreloadedProcess
from tests.support.program import background

FEED = "http://one.example/\nhttp://two.example/\n"
JOB = """
[schedule]
jitter_seconds = 0
catch_up_hours = 10000
{more}
[[schedule.jobs]]
name = "yearly"
cron = "0 0 1 1 *"
steps = ["discover", "report"]
sources = ["feeds"]
[[discover.feeds]]
name = "list"
location = "feed.txt"
"""


@contextmanager
def scheduling(workspace: Path) -> Iterator[PreloadedProcess]:
    """A scheduler in the background, which does not outlive the test."""
    process = background("schedule", "-w", workspace, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said_by(process: PreloadedProcess) -> str:
    """Stop it in good order; what it said."""
    process.terminate()
    said: str = process.communicate(timeout=100)[1]
    return said
