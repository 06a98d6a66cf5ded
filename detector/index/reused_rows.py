"""Reuse rows of cached sets of arrays, file by file, when a new set is built.

A set identifies the files of its rows by content: ``sources`` are their digests, ``source_of`` is the index in it for each row.  A
file without rows (nothing can be seen in it) is a source as well; rows of a second file with the same content have no source (-1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.index.kept_arrays import kept_before
from detector.index.search import Arrays

SOURCES, SOURCE_OF = "sources", "source_of"


def digest_of(path: Path) -> str:
    """Digest of a file's content and suffix; empty, which no set contains, where it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(path.suffix.lower().encode() + b"\0" + content).hexdigest()[:32]


def source_columns(files: Iterable[tuple[str, int]]) -> Arrays:
    """Make ``sources`` and ``source_of`` of a set; ``files`` are (digest, number of rows) in the order of the rows."""
    numbers: dict[str, int] = {}
    source_of: list[int] = []
    for source, rows in files:
        source_of += rows * [-1 if source in numbers else len(numbers)]
        numbers.setdefault(source, len(numbers))
    return {SOURCES: np.asarray(list(numbers), np.str_), SOURCE_OF: np.asarray(source_of, np.int32)}


def earlier_rows(kind: str, sources: Collection[str], columns: Collection[str]) -> dict[str, Arrays]:
    """Find the rows (maybe none) of each of ``sources`` that a cached set contains, of the arrays named by ``columns``.

    ``kind`` is the beginning of the sets' names, with algorithm and version; the latest used are searched first.
    """
    found: dict[str, Arrays] = {}
    missing = set(sources) - {""}
    for arrays in kept_before(kind):
        if not missing:
            break
        if (
            arrays.keys() >= {SOURCES, SOURCE_OF, *columns}
            and len({len(arrays[name]) for name in (SOURCE_OF, *columns)}) == 1
        ):
            rows = _rows_of(arrays, missing)
            found |= {source: {name: arrays[name][at] for name in columns} for source, at in rows.items()}
            missing -= rows.keys()
    return found


def _rows_of(arrays: Arrays, wanted: Collection[str]) -> dict[str, NDArray[np.int64]]:
    known = {source: number for number, source in enumerate(arrays[SOURCES].tolist()) if source in wanted}
    order = np.argsort(arrays[SOURCE_OF], kind="stable")
    first, behind = (
        np.searchsorted(arrays[SOURCE_OF], list(known.values()), side, sorter=order) for side in ("left", "right")
    )
    return {source: order[a:b] for source, a, b in zip(known, first.tolist(), behind.tolist(), strict=True)}
