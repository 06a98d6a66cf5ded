"""Finding a browser: the override, PATH, Playwright's own, and a message that names all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.browser.browser_program import find_browser
from crawler.browser.launch_diagnosis import OVERRIDE
from detector.errors import BrowserMissing


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho not a browser >&2\nexit 1\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser anywhere, whatever this machine has."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv(OVERRIDE, raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)


def test_the_headless_shell_is_preferred(tmp_path: Path) -> None:
    program(tmp_path / "bin/google-chrome")
    assert find_browser().name == "google-chrome"
    program(tmp_path / "bin/chromium")
    program(tmp_path / "bin/chromium-headless-shell")
    assert find_browser() == tmp_path / "bin/chromium-headless-shell"


def test_the_newest_one_of_playwright_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "home/.cache/ms-playwright"
    for revision in ("999", "1200"):
        program(folder / f"chromium_headless_shell-{revision}/chrome-headless-shell-linux64/chrome-headless-shell")
    assert "chromium_headless_shell-1200" in str(find_browser())


def test_playwrights_folder_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "elsewhere"))
    path = program(tmp_path / "elsewhere/chromium-1200/chrome-linux/chrome")
    assert find_browser() == path


def test_the_override_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin/chromium")
    monkeypatch.setenv(OVERRIDE, str(program(tmp_path / "my/browser")))
    assert find_browser() == tmp_path / "my/browser"


def test_an_override_that_is_no_program_is_an_error_not_a_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin/chromium")
    monkeypatch.setenv(OVERRIDE, str(tmp_path / "absent"))
    with pytest.raises(BrowserMissing, match=OVERRIDE):
        find_browser()


def test_the_error_names_every_way_to_get_one() -> None:
    with pytest.raises(BrowserMissing) as caught:
        find_browser()
    for way in ("make setup", "apt-get install chromium-headless-shell", "playwright install", OVERRIDE):
        assert way in str(caught.value)
    assert caught.value.exit_code == 4
