"""SIGKILL at every step of an export: the next run completes it, and every case is there exactly once."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
from pathlib import Path

import pytest

from detector.takedown import FolderSink, export_cases
from detector.workspace import Workspace
from tests.support.store.builders import capture, flagged, python
from tests.support.store.takedown_queue import ANY

DIE_AFTER = """
import os, signal, sys
from pathlib import Path
from detector.workspace import Workspace
from detector.takedown import FolderSink, export_cases
from tests.support.store.takedown_queue import ANY
left, sync = int(sys.argv[2]), os.fsync
def fsync(descriptor):
    global left
    sync(descriptor)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = fsync
with Workspace.open(Path(sys.argv[1])) as workspace:
    export_cases(workspace.store, workspace.evidence, FolderSink(workspace.takedown_dir), rules=ANY)
"""
STEPS = 8
"""Two cases: evidence file, its folder, line, its folder."""


@pytest.mark.ordeal
def test_sigkill_at_every_step_of_an_export(tmp_path: Path) -> None:
    template = tmp_path / "template"
    with Workspace.open(template) as workspace:
        for number in range(2):
            shot = workspace.evidence.put(bytes([number]) * 1000, "image/png")
            workspace.store.record(capture(f"https://h{number}.example/", screenshot=shot), flagged())
    for step in range(1, STEPS + 2):
        folder = tmp_path / f"killed-after-{step}"
        shutil.copytree(template, folder)
        child = python(DIE_AFTER, str(folder), str(step))
        child.communicate()
        assert child.returncode == (-signal.SIGKILL if step <= STEPS else 0)
        with Workspace.open(folder) as workspace:
            result = export_cases(workspace.store, workspace.evidence, FolderSink(workspace.takedown_dir), rules=ANY)
            assert len(result.exported) + result.before == 2
            assert [delivery.case_id for delivery in workspace.store.deliveries.find()] == [1, 2]
        lines = [json.loads(line) for line in (folder / "takedown" / "takedown.jsonl").read_bytes().splitlines()]
        assert [line["host"] for line in lines] == ["h0.example", "h1.example"]
        files = list((folder / "takedown" / "evidence").iterdir())
        assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == {file.stem for file in files}
        assert {item["file"] for line in lines for item in line["evidence"]} == {
            f"evidence/{file.name}" for file in files
        }
