"""A run of a crawl job is a process of its own, in a session of its own."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.jobs.job_process import start_job


def test_the_command_names_job_workspace_and_planned_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, Any] = {}
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: begun.update(options, command=command))
    start_job(Path("/ws"), "--help", datetime(2026, 3, 9, 14, 5, tzinfo=UTC))
    assert begun["command"][-8:] == [
        "run", "--planned", "2026-03-09T14:05:00+00:00", "--workspace", "/ws", "--quiet", "--", "--help",
    ]  # fmt: skip
    assert begun["start_new_session"] is True
