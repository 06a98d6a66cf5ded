"""Candidates that were captured beside one that killed the worker are captured again, to the end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from detector.workspace import Workspace
from tests.support.program import ROOT
from tests.support.store.builders import candidate

pytestmark = pytest.mark.ordeal

POISON = "https://poison.example/"
CLONES = [f"https://clone{number}.example/" for number in range(9)]
WORKER = """
import asyncio, os, signal, sys
from pathlib import Path
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.backlog_worker import _BacklogRun
from detector.workspace import Workspace
from tests.support.store.builders import CLEAR, capture

nothing = lambda _: None

class Processor:
    async def process(self, claim):
        if "poison" in claim.candidate.url:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(0)
        return ExaminationResult(capture(claim.candidate.url), CLEAR, 0.0, 0.0)

with Workspace.open(Path(sys.argv[1]), capture={"slots": 10}) as workspace:
    asyncio.run(_BacklogRun(workspace, Processor(), None, nothing, nothing, nothing, None).run())
"""


def work(folder: Path) -> int:
    """Run a worker until it ends, and let the leases of one that died run out; its exit status."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WORKER, str(folder)], cwd=ROOT, timeout=120, check=False
    )
    with closing(sqlite3.connect(folder / "clonewatch.sqlite")) as connection, connection:
        connection.execute("update backlog set lease_until = 0 where state = 'leased'")
    return done.returncode


def test_a_page_that_kills_its_workers_is_quarantined_and_what_was_beside_it_is_done(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as workspace:
        workspace.store.backlog.add(
            candidate(url, priority=0.9 - number / 100) for number, url in enumerate([*CLONES[:5], POISON, *CLONES[5:]])
        )
    assert [work(tmp_path) for _ in range(4)] == [-signal.SIGKILL] * 3 + [os.EX_OK]
    with Workspace.open(tmp_path) as workspace:
        assert [url for url, _ in workspace.store.backlog.quarantined()] == [POISON]
        assert workspace.store.counts()["done"] == len(CLONES)
