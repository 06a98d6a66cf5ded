"""Find the reason why a browser does not start, and its remedy, in Playwright's long message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Playwright, TimeoutError, async_playwright

from crawler.runtime.remedies import FILES
from detector.errors import BrowserMissing

OVERRIDE = "CLONEWATCH_BROWSER"
HOW_TO_GET_ONE = (
    "install one with `make setup`, `apt-get install chromium-headless-shell` (Debian), or "
    "`.venv/bin/playwright install chromium-headless-shell`; or point the environment variable "
    f"{OVERRIDE} at a Chromium that is already there"
)
NO_ROOM = (
    "free some space there, or point the environment variable TMPDIR at a folder that has room and may be written to"
)
REASONS = (
    (
        r"sandbox",
        "this machine does not allow Chromium's sandbox: allow user namespaces, or set no_sandbox under [capture]",
    ),
    (r"too many open files|EMFILE|ENFILE", FILES),
    (r"mkdtemp|ENOSPC|EROFS|EDQUOT|no space left|read-only file system", NO_ROOM),
    (
        r"shared librar",
        "install the libraries that it needs: `apt-get install chromium-headless-shell` installs them, and so does "
        "`.venv/bin/playwright install-deps chromium-headless-shell`",
    ),
    (
        r"cannot allocate memory|out of memory|resource temporarily unavailable",
        "give it more memory and processes, or set fewer slots under [capture]",
    ),
)
"""Patterns of lines of a failed start, with their remedies; the first match counts."""
_SAID = re.compile(r"^(?:- )?\[pid=\d+\]\[(?:err|out)\] (?:\[[^\]]*\] ?)?(.+)$")
_NOISE = re.compile(r"failed to connect to the bus|max_user_watches|dns_config|--no-sandbox", re.IGNORECASE)
LONGEST = 300
FEWEST_FILES = 256
"""Open files that a browser needs at least."""


def does_not_start(path: Path, error: Exception) -> BrowserMissing:
    """Return the error to raise when Playwright's ``launch`` of the browser at ``path`` failed with ``error``."""
    lines = [line.strip() for line in str(error).splitlines() if "<launching>" not in line]
    said = [found[1] for line in lines if (found := _SAID.match(line))]
    said = [line for line in dict.fromkeys(said) if not _NOISE.search(line)]
    first = re.sub(r"^BrowserType\.launch: ", "", lines[0]) if lines else ""
    # Playwright's text for every browser that ended, whatever the reason
    first = "" if "has been closed" in first else first
    reason, hint = _reason_and_remedy([*said, first])
    if not reason:
        reason = said[-1] if said else first or "it ended without any output"
        if isinstance(error, TimeoutError):
            reason = f"it runs but does not answer: {first}"
    return BrowserMissing(f"{path} does not start ({reason[:LONGEST]}); {hint}")


def _reason_and_remedy(lines: Sequence[str]) -> tuple[str, str]:
    for pattern, remedy in REASONS:
        for line in lines:
            if re.search(pattern, line, re.IGNORECASE):
                return line, remedy
    # a browser that may open hardly any file fails at any of them, and often without a message
    return "", FILES if _files_allowed() < FEWEST_FILES else HOW_TO_GET_ONE


def _files_allowed() -> int:
    """Return the limit on open files of this process, which its children inherit."""
    try:
        import resource  # noqa: PLC0415  not on every platform
    except ImportError:
        return FEWEST_FILES
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else FEWEST_FILES


def no_folder(error: OSError) -> BrowserMissing:
    """Return the error to raise when no temporary folder can be made for a browser."""
    return BrowserMissing(f"there is no temporary folder for a browser ({error}); {NO_ROOM}")


async def start_driver() -> Playwright:
    """Start Playwright's driver, a separate program; ``await driver.stop()`` ends it.

    Raises:
        BrowserMissing: it does not start.
    """
    try:
        return await async_playwright().start()
    except Exception as error:  # it raises plain exceptions when its driver ends early
        raise BrowserMissing(
            f"Playwright's driver does not start ({str(error)[:LONGEST] or type(error).__name__}); {FILES}, look at free memory, "
            "or reinstall it with `make setup`"
        ) from error
