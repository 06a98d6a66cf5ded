"""Find a Chromium on this machine."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from crawler.browser.launch_diagnosis import HOW_TO_GET_ONE, OVERRIDE
from detector.errors import BrowserMissing

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLAYWRIGHT_GLOBS = (
    "chromium_headless_shell-*/*/*headless*shell*",
    "chromium-*/*/chrome",
    "chromium-*/*/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> Path:
    """Find the Chromium to use: ``CLONEWATCH_BROWSER``, or the first of :data:`NAMES` in PATH, or one that Playwright installed.

    Raises:
        BrowserMissing: there is none, or the override does not name a program; the message says how to get one.
    """
    override = os.environ.get(OVERRIDE)
    if override:
        found = shutil.which(override)
        if found is None:
            raise BrowserMissing(f"{OVERRIDE} is set to {override!r}, {_what_is(override)}; {HOW_TO_GET_ONE}")
        return Path(found)
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    for path in _installed_by_playwright():
        return path
    raise BrowserMissing(
        f"no Chromium found (looked for {', '.join(NAMES)} in PATH, and for Playwright's); {HOW_TO_GET_ONE}"
    )


def _what_is(name: str) -> str:
    path = Path(name)
    if path.is_dir():
        return "which is a folder, not a program"
    if path.exists():
        return f"which may not be run (`chmod +x {name}` if it is a program)"
    return "which is no program"


def _installed_by_playwright() -> list[Path]:
    folders = [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named and named != "0":
        folders.insert(0, Path(named))
    found = []
    for folder in folders:
        for pattern in _PLAYWRIGHT_GLOBS:
            candidates = [path for path in folder.glob(pattern) if path.is_file() and os.access(path, os.X_OK)]
            found += sorted(
                candidates, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))], reverse=True
            )
    return found
