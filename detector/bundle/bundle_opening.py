"""Open a bundle, whichever form it has."""

from __future__ import annotations

import stat
from pathlib import Path

from detector.bundle.bundle_reader import BundleReader, FolderReader
from detector.bundle.zip_reader import ZipReader
from detector.errors import EvidenceError, UsageError


def open_bundle(path: Path) -> BundleReader:
    """Open a folder or a zip file as a bundle.

    Raises:
        UsageError: there is nothing at ``path``.
        EvidenceError: it is neither a folder nor a zip file, or cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder") from None
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read ({error.strerror})") from error
    return FolderReader(path) if stat.S_ISDIR(mode) else ZipReader(path)
