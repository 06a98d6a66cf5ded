"""Run the product's commands in child processes, as a user would."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.cli.exit_codes import ExitCode
from crawler.runtime.own_module import own_module
from detector.errors import ClonewatchError

LOG = "demo.log"
LAST_LINES = 25


class StepFailedError(ClonewatchError):
    """A command of the product ended with an exit code that its work does not explain."""


@dataclass(frozen=True)
class Step:
    """One command and what it is for."""

    story: str
    words: tuple[str, ...]
    """Arguments of ``clonewatch``, without the workspace."""
    may_leave_with: Collection[int] = (ExitCode.NOTHING_FLAGGED,)
    telling: str = ""
    """Text that marks the line of output that sums it up; empty: the last line does."""
    for_flagged_cases: bool = False
    """The numbers of the flagged cases follow the words."""

    @property
    def typed(self) -> str:
        """Return the command as a person would type it."""
        return " ".join(("clonewatch", *self.words))


def run_step(step: Step, workspace: Path) -> tuple[float, str]:
    """Run a step, append its output to the workspace's ``demo.log``, and return its seconds and its telling line.

    Raises:
        StepFailedError: it failed; the message ends with the last lines of its output.
    """
    started = time.monotonic()
    with (workspace / LOG).open("ab") as log:
        log.write(f"\n$ {step.typed}\n".encode())
        log.flush()
        begin = log.tell()
        command, environment = own_module("crawler.cli.launch")
        code = subprocess.run(
            [*command, *step.words, "--workspace", str(workspace)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_without_proxies(environment),
            check=False,
        ).returncode
    said = _lines(workspace / LOG, begin)
    if code not in step.may_leave_with:
        quoted = "\n".join(said[-LAST_LINES:]) or "(nothing)"
        raise StepFailedError(f"`{step.typed}` ended with exit code {code}. Its output:\n{quoted}")
    telling = next((line.strip() for line in reversed(said) if line.strip() and step.telling in line), "")
    return time.monotonic() - started, telling.replace(f"{workspace}{os.sep}", "")


def _without_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    # a proxy of the user's would be asked for hosts that exist on this machine only
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    return {key: value for key, value in environment.items() if key.lower() not in proxies}


def _lines(path: Path, begin: int) -> Sequence[str]:
    with path.open("rb") as log:
        log.seek(begin)
        return log.read().decode("utf-8", "replace").splitlines()
