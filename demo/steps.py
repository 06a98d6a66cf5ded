"""The product's own command line, run as a user would run it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.cli.exit_codes import ExitCode
from detector.errors import ClonewatchError

LOG = "demo.log"
LAST_LINES = 25


class StepFailedError(ClonewatchError):
    """A command of the product left with an exit code that its work does not explain."""


@dataclass(frozen=True)
class Step:
    """One command and what it is for."""

    story: str
    words: tuple[str, ...]
    """What follows ``clonewatch`` on the command line, without the workspace."""
    may_leave_with: Collection[int] = (ExitCode.NOTHING_FLAGGED,)
    telling: str = ""
    """What the one line of the output holds that sums it up; empty: its last line does."""

    @property
    def typed(self) -> str:
        """The command as a person would type it."""
        return " ".join(("clonewatch", *self.words))


def program() -> tuple[str, ...]:
    """How ``clonewatch`` of this environment is started."""
    script = Path(sys.executable).parent / "clonewatch"
    return (str(script),) if script.is_file() else (sys.executable, "-m", "crawler.cli.app")


def run_step(step: Step, workspace: Path) -> tuple[float, str]:
    """Run a step, its output appended to the workspace's ``demo.log``; the seconds that it took and its telling line.

    Raises:
        StepFailedError: it failed; the message ends with the last lines of what it said.
    """
    started = time.monotonic()
    with (workspace / LOG).open("ab") as log:
        log.write(f"\n$ {step.typed}\n".encode())
        log.flush()
        begin = log.tell()
        code = subprocess.run(
            [*program(), *step.words, "--workspace", str(workspace)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(),
            check=False,
        ).returncode
    said = _lines(workspace / LOG, begin)
    if code not in step.may_leave_with:
        quoted = "\n".join(said[-LAST_LINES:]) or "(nothing)"
        raise StepFailedError(f"`{step.typed}` left with exit code {code}. It said:\n{quoted}")
    telling = next((line.strip() for line in reversed(said) if line.strip() and step.telling in line), "")
    return time.monotonic() - started, telling.replace(f"{workspace}{os.sep}", "")


def _environment() -> dict[str, str]:
    # a proxy of the user's would be asked for hosts that exist on this machine only
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    return {key: value for key, value in os.environ.items() if key.lower() not in proxies}


def _lines(path: Path, begin: int) -> Sequence[str]:
    with path.open("rb") as log:
        log.seek(begin)
        return log.read().decode("utf-8", "replace").splitlines()
