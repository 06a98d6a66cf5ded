"""A short soak test: mixed captures leave no process, file or descriptor behind, and memory does not grow."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.soak import soak
from tests.support.pages.sites import needs_browser

pytestmark = [
    *needs_browser,
    pytest.mark.ordeal,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(900),
]


async def test_sixty_mixed_captures_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    report = await soak(60, 3, tmp_path)
    assert sum(report.outcomes.values()) == 60
    assert report.plain_not_ok == []
    assert report.leftovers() == []
    assert report.growth("own") < 60
    assert report.growth("driver") < 150
    assert len(report.samples) == 60
    assert all(sample.processes for sample in report.samples)
