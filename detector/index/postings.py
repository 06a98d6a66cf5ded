"""Find documents that share hashes: an inverted index as one sorted array of hashes, with the owner of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Owners = NDArray[np.int64]


def hash64(text: str) -> int:
    """Hash to 64 bits by BLAKE2b: the same in every process and run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def inverted(groups: Sequence[Iterable[int]]) -> tuple[Hashes, Owners, Owners]:
    """Build the index: all hashes sorted, their owners, and the number of each document's distinct hashes."""
    unique = [sorted(set(group)) for group in groups]
    counts = np.asarray([len(group) for group in unique], np.int64)
    values = np.asarray(list(chain.from_iterable(unique)), np.uint64)
    owners = np.repeat(np.arange(len(unique)), counts).astype(np.int64)
    order = np.argsort(values, kind="stable")
    return values[order], owners[order], counts


def shared(mine: Hashes | Sequence[int], known: Hashes, owners: Owners, documents: int) -> Owners:
    """Count how many of ``mine`` each document has as well; ``known`` is sorted."""
    values = np.asarray(mine, np.uint64)
    first, last = (np.searchsorted(known, values, side) for side in ("left", "right"))
    found = [owners[begin:end] for begin, end in zip(first.tolist(), last.tolist(), strict=True) if end > begin]
    return np.bincount(np.concatenate(found) if found else np.zeros(0, np.int64), minlength=documents).astype(np.int64)
