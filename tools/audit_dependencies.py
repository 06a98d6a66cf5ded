"""Look up the locked dependencies in a database of known vulnerabilities, with pip-audit.

    python tools/audit_dependencies.py [REQUIREMENTS]

Ends with 1 where one is vulnerable.  Where the database cannot be asked, wholly or for some packages, it says that these were
not checked, and ends with 0: a machine without that way out can be no reason to refuse a change.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 90
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Audit:
    """The result for all packages of a requirements file."""

    checked: int
    unchecked: tuple[str, ...] = ()
    vulnerable: tuple[str, ...] = ()
    """A sentence each."""
    problem: str = ""
    """The reason why nothing could be asked; empty where something was."""

    @property
    def sentences(self) -> list[str]:
        """Return the result in lines for a person."""
        if self.problem:
            return [f"audit: dependencies NOT CHECKED for known vulnerabilities: {self.problem}"]
        said = [f"audit: {self.checked} dependencies checked, {len(self.vulnerable)} known vulnerabilities"]
        if self.unchecked:
            more = "..." if len(self.unchecked) > SHOWN else ""
            said.append(f"audit: {len(self.unchecked)} NOT CHECKED: {', '.join(self.unchecked[:SHOWN])}{more}")
        return said + [f"audit: {sentence}" for sentence in self.vulnerable]


def read_report(text: str) -> Audit:
    """Read pip-audit's JSON.

    Raises:
        ValueError: it is none.
    """
    entries: list[dict[str, Any]] = json.loads(text)["dependencies"]
    unchecked = tuple(entry["name"] for entry in entries if "skip_reason" in entry)
    vulnerable = tuple(
        f"{entry['name']} {entry['version']}: {each['id']}, fixed in {', '.join(each['fix_versions']) or 'no version yet'}"
        for entry in entries
        for each in entry.get("vulns", ())
    )
    if entries and len(unchecked) == len(entries):
        return Audit(0, unchecked, problem="the database knows none of them here, so it is not the public one")
    return Audit(len(entries) - len(unchecked), unchecked, vulnerable)


def audit(requirements: Path, command: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> Audit:
    """Run pip-audit on a requirements file that pins everything."""
    try:
        done = subprocess.run(
            [
                *command,
                "--requirement",
                str(requirements),
                "--disable-pip",
                "--format",
                "json",
                "--progress-spinner",
                "off",
            ],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Audit(0, problem=f"pip-audit did not answer ({type(error).__name__})")
    try:
        return read_report(done.stdout)
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        return Audit(0, problem=f"pip-audit could not ask ({last[:200]})")


def main() -> int:
    """Print the result; return the exit status."""
    found = audit(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "requirements.lock")
    print("\n".join(found.sentences))
    return 1 if found.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
