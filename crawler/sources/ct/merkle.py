"""Merkle trees of transparency logs (RFC 6962, section 2.1; RFC 9162, section 2.1), as far as a reader needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one entry; ``leaf`` is a serialised MerkleTreeLeaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class SubtreePeak:
    """The root of a complete subtree."""

    height: int
    """Height of a subtree of ``2 ** height`` leaves."""
    root: bytes


class MerkleTree:
    """A Merkle tree reduced to its complete subtrees on the left: enough to append leaves and to compute the root.

    ``size`` leaves need as many hashes as ``size`` has bits set.
    """

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        """``roots``: of the complete subtrees, largest first.

        Raises:
            ValueError: there is not one root for every bit set in ``size``.
        """
        heights = [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]
        if size < 0 or len(heights) != len(roots) or any(len(root) != HASH_BYTES for root in roots):
            raise ValueError(f"a tree of {size} leaves has {len(heights)} complete subtrees, not {len(roots)}")
        self._peaks = [SubtreePeak(height, root) for height, root in zip(heights, roots, strict=True)]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return sum(1 << peak.height for peak in self._peaks)

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first."""
        return tuple(peak.root for peak in self._peaks)

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        height, root = 0, leaf
        while self._peaks and self._peaks[-1].height == height:
            root = node_hash(self._peaks.pop().root, root)
            height += 1
        self._peaks.append(SubtreePeak(height, root))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append the hashes of leaves, in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Return the root hash."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1].root
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak.root, root)
        return root

    def copy(self) -> MerkleTree:
        """Return an independent copy."""
        return MerkleTree(self.size, self.roots)


def complete_roots(hashes: Sequence[bytes]) -> list[bytes]:
    """Roots of the complete subtrees over neighbouring subtrees of one size, largest first."""
    tree = MerkleTree()
    tree.extend(hashes)
    return list(tree.roots)


def before_leaf(index: int, path: Sequence[bytes]) -> MerkleTree:
    """Return the tree of the leaves before ``index``, from the inclusion proof of that leaf in the tree of ``index + 1`` leaves.

    Every hash of such a proof is a complete subtree on the left.

    Raises:
        ValueError: the proof has the wrong length.
    """
    return MerkleTree(index, tuple(reversed(path)))
