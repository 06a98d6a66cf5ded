"""The report's folder on disk: locked while it is written, replaced file by file, and cleared of files that no page needs."""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.errors import EnvironmentFault, UsageError
from detector.files import write_atomically
from detector.report import report_manifest as manifests

_OURS = {
    "cases": re.compile(r"\d+\.html"),
    "images": re.compile(r"[0-9a-f]{32}\.(?:webp|png)|\.[0-9a-f]{32}\.part"),
    "assets": re.compile(r"report-[0-9a-f]{12}\.css"),
}
_STAGING = ".staging"
_LOCK = ".lock"


class ReportFolder:
    """A folder that holds one report.

    New pages are written to a staging folder first and moved in place together, so that a full disk or a killed run
    leaves the report that was there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._staged: list[str] = []

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder for one writer; a second one waits.

        Raises:
            UsageError: the folder holds other things than a report.
            EnvironmentFault: it cannot be written; the earlier report is unchanged.
        """
        self._refuse_foreign()
        try:
            for name in ("", *_OURS):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            with (self.path / _LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (self.path / manifests.NAME).exists():
                    self.write(manifests.NAME, manifests.dump(manifests.ReportManifest()))
                shutil.rmtree(self.path / _STAGING, ignore_errors=True)
                try:
                    yield
                finally:
                    shutil.rmtree(self.path / _STAGING, ignore_errors=True)
        except OSError as error:
            raise EnvironmentFault(
                f"report folder {self.path} could not be written ({error.strerror or error}); check space and "
                "permissions, then run again: the earlier report is kept"
            ) from error

    def stage(self, name: str, text: str) -> None:
        """Write a file that :meth:`publish` will move in place."""
        target = self.path / _STAGING / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", errors="replace", newline="\n")
        self._staged.append(name)

    def publish(self) -> None:
        """Move all staged files in place, each atomically."""
        for name in self._staged:
            (self.path / _STAGING / name).replace(self.path / name)
        self._staged.clear()

    def write(self, name: str, text: str) -> None:
        """Write one file atomically."""
        write_atomically(self.path / name, text.encode("utf-8", "replace"), durable=False)

    def has(self, name: str) -> bool:
        """Return True if a file is there."""
        return (self.path / name).is_file()

    def sweep(self, needed: set[str]) -> int:
        """Delete this program's files (recognised by folder and form of name) that are not ``needed``; return their number."""
        gone = 0
        for folder, form in _OURS.items():
            for file in (self.path / folder).iterdir():
                if form.fullmatch(file.name) and f"{folder}/{file.name}" not in needed:
                    file.unlink(missing_ok=True)
                    gone += 1
        return gone

    def _refuse_foreign(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is a file; give a folder for the report")
        if not self.path.is_dir() or (self.path / manifests.NAME).is_file():
            return
        foreign = sorted(
            entry.name for entry in self.path.iterdir() if not entry.name.startswith(".") and entry.name not in _OURS
        )
        if foreign:
            raise UsageError(
                f"{self.path} is not empty and holds no report ({foreign[0]} is there); give an empty or a new folder: "
                "files that a report no longer needs are removed from it"
            )
