"""Find the new names of a zone by comparison with a sorted file of hashes, 8 bytes per name, which stays on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.files import atomic_writer
from detector.index.postings import hash64

Hashes = NDArray[np.uint64]


class ZoneHashes:
    """The names of a zone at its last reading; collects those of the current one."""

    def __init__(self, path: Path) -> None:
        """``path``: the file of hashes; where it is missing or broken, the zone counts as never read."""
        self._path = path
        self._now: list[Hashes] = []
        self._before: Hashes | None = None
        try:
            known = np.load(path, mmap_mode="r", allow_pickle=False)
            self._before = known if known.dtype == np.uint64 and known.ndim == 1 else None
        except (OSError, ValueError, EOFError):
            self._before = None

    def fresh(self, names: Sequence[str]) -> list[str]:
        """Return those of ``names`` that were not in the zone at its last reading; none where it was never read."""
        hashes = np.fromiter((hash64(name) for name in names), np.uint64, len(names))
        self._now.append(hashes)
        if self._before is None:
            return []
        places = np.minimum(np.searchsorted(self._before, hashes), max(0, len(self._before) - 1))
        known = self._before[places] == hashes if len(self._before) else np.zeros(len(hashes), bool)
        return [names[place] for place in np.flatnonzero(~known).tolist()]

    def keep(self) -> None:
        """Replace the file by the names of the current reading; the old file stays complete until then.

        Raises:
            OSError: it cannot be written.
        """
        every = np.unique(np.concatenate(self._now)) if self._now else np.zeros(0, np.uint64)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_writer(self._path) as file:
            np.save(file, every)
