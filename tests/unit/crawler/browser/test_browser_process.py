"""A browser's start, with and without its sandbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crawler.browser.browser_process import try_browser
from detector.errors import BrowserMissing


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho not a browser >&2\nexit 1\n")
    path.chmod(0o755)
    return path


async def test_a_program_that_is_no_browser_is_missing_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing, match="does not start") as caught:
        await try_browser(program(tmp_path / "bin/chromium"))
    assert "make setup" in str(caught.value)


async def test_root_runs_without_a_sandbox_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import crawler.browser.browser_process

    monkeypatch.setattr(crawler.browser.browser_process, "_warned", set())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "platform", "linux")
    with capture_logs() as logs:
        assert crawler.browser.browser_process.sandbox_wanted(False) is False
        assert crawler.browser.browser_process.sandbox_wanted(False) is False
    assert [entry["log_level"] for entry in logs] == ["warning"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert crawler.browser.browser_process.sandbox_wanted(False) is True
    assert crawler.browser.browser_process.sandbox_wanted(True) is False
