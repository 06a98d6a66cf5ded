"""A bundle to be altered, and zip files made of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from detector.bundle import Verification


def said(result: Verification) -> str:
    assert not result.intact
    sentences = " | ".join(result.problems)
    assert all(char.isprintable() for char in sentences)
    return sentences


def repack(bundle: Path, to: Path, change: Callable[[zipfile.ZipFile], None], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(to, "w", method) as archive:
        for path in sorted(bundle.rglob("*")):
            if path.is_file():
                archive.write(path, f"bundle/{path.relative_to(bundle).as_posix()}")
        change(archive)
    return to
