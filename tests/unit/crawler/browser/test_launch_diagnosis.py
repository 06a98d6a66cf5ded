"""Diagnosis of a browser that did not start: the telling line of what it said, and the remedy for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Error, TimeoutError

from crawler.browser.launch_diagnosis import HOW_TO_GET_ONE, NO_ROOM, does_not_start, no_folder
from crawler.runtime.remedies import FILES

SHELL = Path("/usr/bin/chromium-headless-shell")
LOGS = """BrowserType.launch: Target page, context or browser has been closed
Browser logs:

<launching> /usr/bin/chromium-headless-shell --no-sandbox --headless
<launched> pid=7
{said}
Call log:
  - <launching> /usr/bin/chromium-headless-shell --no-sandbox --headless
  - <launched> pid=7
  - [pid=7] <gracefully close start>
  - [pid=7] <process did exit: exitCode=133, signal=null>
  - [pid=7] <gracefully close end>
"""
NOISE = "[pid=7][err] [1124/144102.9:ERROR:dbus/bus.cc:405] Failed to connect to the bus: Failed to connect to socket /run/dbus"


@pytest.mark.parametrize(
    ("said", "told", "remedy"),
    [
        ("No usable sandbox! If this is a Debian system, see ...", "No usable sandbox!", "no_sandbox under [capture]"),
        (
            "[1124/1.2:ERROR:net/base/address_tracker_linux.cc:224] Could not create NETLINK socket: Too many open files (24)",
            "Could not create NETLINK socket: Too many open files (24)",
            FILES,
        ),
        ("error while loading shared libraries: libnss3.so: cannot open", "libnss3.so", "install-deps"),
        ("cannot write: No space left on device", "No space left on device", NO_ROOM),
        ("fork: Resource temporarily unavailable", "Resource temporarily unavailable", "fewer slots"),
        ("Trace/breakpoint trap", "Trace/breakpoint trap", HOW_TO_GET_ONE),
    ],
)
def test_the_telling_line_and_its_remedy(said: str, told: str, remedy: str) -> None:
    lines = [NOISE, f"[pid=7][err] {said}", *(["[pid=7][err] and more"] if remedy != HOW_TO_GET_ONE else [])]
    error = str(does_not_start(SHELL, Error(LOGS.format(said="\n".join(lines)))))
    assert error.startswith(f"{SHELL} does not start (")
    assert told in error.partition("; ")[0]
    assert remedy in error.partition("; ")[2]
    assert "dbus" not in error
    assert "gracefully" not in error


def test_one_that_says_nothing() -> None:
    assert "it ended without any output" in str(does_not_start(SHELL, Error(LOGS.format(said=""))))
    assert "it ended without any output" in str(does_not_start(SHELL, Error("")))


def test_one_that_does_not_answer() -> None:
    error = does_not_start(
        SHELL, TimeoutError("BrowserType.launch: Timeout 30000ms exceeded.\nCall log:\n  - <launched> pid=7")
    )
    assert "it runs but does not answer: Timeout 30000ms exceeded." in str(error)


def test_playwrights_own_trouble_with_folders() -> None:
    error = does_not_start(SHELL, Error("BrowserType.launch: ENOSPC: no space left on device, mkdtemp '/tmp/x'"))
    assert "(ENOSPC: no space left on device, mkdtemp '/tmp/x')" in str(error)
    assert "TMPDIR" in str(error)
    assert "TMPDIR" in str(no_folder(OSError(28, "No space left on device")))


@pytest.mark.parametrize(
    "said", ["spawn /opt/browser EACCES", "Failed to launch chromium because executable doesn't exist"]
)
def test_a_program_that_cannot_be_run_is_no_matter_of_folders(said: str) -> None:
    error = str(does_not_start(SHELL, Error(f"BrowserType.launch: {said}\nCall log:\n  - <launched> pid=7")))
    assert f"({said})" in error
    assert error.endswith(HOW_TO_GET_ONE)


def test_one_that_may_open_hardly_any_file_dies_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    trap = Error(
        "BrowserType.launch: Target page, context or browser has been closed\n[pid=7][err] Trace/breakpoint trap"
    )
    assert "make setup" in str(does_not_start(Path("/b"), trap))
    monkeypatch.setattr("crawler.browser.launch_diagnosis._files_allowed", lambda: 40)
    assert "ulimit -n" in str(does_not_start(Path("/b"), trap))
