"""Both kinds of index, checked against a comparison with every entry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.index import HashIndex, SearchHits, SearchIndex, VectorIndex
from detector.index.hashes import BITS, WORTH_TABLES
from detector.index.vectors import BLOCK

Codes = NDArray[np.uint8]


def codes(count: int, seed: int = 3) -> Codes:
    """Half of them near one another, as pictures of pages are."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, 256, (count, BITS // 8), dtype=np.uint8)
    near = random.random(count) < 0.5
    bits = np.unpackbits(np.repeat(drawn[:1], int(near.sum()), axis=0), axis=1)
    drawn[near] = np.packbits(bits ^ (random.random(bits.shape) < 0.1), axis=1)
    return drawn


def flipped(code: Codes, *bits: int) -> Codes:
    plain = np.unpackbits(code)
    plain[list(bits)] ^= 1
    return np.packbits(plain)


def every_distance(entries: Codes, query: Codes) -> NDArray[np.int64]:
    return np.asarray(np.unpackbits(entries ^ query, axis=1).sum(axis=1), np.int64)


def wanted(distances: NDArray[np.int64], count: int, within: int) -> list[tuple[int, int]]:
    rows = sorted(range(len(distances)), key=lambda row: (distances[row], row))[:count]
    return [(row, int(distances[row])) for row in rows if distances[row] <= within]


def found(hits: SearchHits, query: int = 0) -> list[tuple[int, int]]:
    pairs = zip(hits.rows[query].tolist(), hits.distances[query].tolist(), strict=True)
    return [(row, round(far)) for row, far in pairs if row >= 0]


@pytest.mark.parametrize("size", [0, 1, 500, WORTH_TABLES, WORTH_TABLES + 777])
@pytest.mark.parametrize("within", [0, 10, 15, 16, 26, 31, 32, 90, BITS])
def test_hashes_are_found_exactly(size: int, within: int) -> None:
    entries = codes(size)
    index = HashIndex(entries)
    queries = np.stack([*codes(3, seed=8), *entries[:2], *(flipped(code, 0, 17, 99, 255) for code in entries[:2])])
    hits = index.nearest(queries, 7, within=within)
    assert index.size == size
    assert hits.rows.shape == hits.distances.shape == (len(queries), 7)
    for number, query in enumerate(queries):
        assert found(hits, number) == wanted(every_distance(entries, query), 7, within)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, BITS - 1), max_size=31, unique=True), st.integers(0, WORTH_TABLES - 1))
def test_no_choice_of_bits_hides_a_neighbour(bits: list[int], row: int) -> None:
    entries = _large()
    hits = HashIndex.from_arrays(_LARGE_ARRAYS).nearest(flipped(entries[row], *bits)[None], 40, within=31)
    assert (row, len(bits)) in found(hits) or len(found(hits)) == 40


_LARGE_CODES = np.random.default_rng(5).integers(0, 256, (WORTH_TABLES, BITS // 8), dtype=np.uint8)
_LARGE_ARRAYS = HashIndex(_LARGE_CODES).arrays()


def _large() -> Codes:
    return _LARGE_CODES


def test_equal_hashes_come_in_their_order() -> None:
    entries = np.repeat(codes(1), 6, axis=0)
    assert found(HashIndex(entries).nearest(entries[:1], 4)) == [(0, 0), (1, 0), (2, 0), (3, 0)]


@pytest.mark.parametrize("wrong", [np.zeros((3, 31), np.uint8), np.zeros((3, 32), np.int64), np.zeros(32, np.uint8)])
def test_what_is_no_hash_is_refused(wrong: Codes) -> None:
    with pytest.raises(ValueError, match="codes are n x 32"):
        HashIndex(wrong)
    with pytest.raises(ValueError, match="codes are n x 32"):
        HashIndex(codes(4)).nearest(wrong, 1)


def vectors(count: int, seed: int = 3) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return np.asarray(drawn / np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-9), np.float32)


@pytest.mark.parametrize("size", [0, 1, 300, BLOCK + 50])
def test_vectors_are_found_exactly(size: int) -> None:
    entries, queries = vectors(size), vectors(5, seed=9)
    hits = VectorIndex(entries).nearest(queries, 6)
    for number, far in enumerate(1.0 - queries @ entries.T):
        best = np.argsort(far, kind="stable")[:6]
        assert hits.rows[number][: len(best)].tolist() == best.tolist()
        np.testing.assert_allclose(hits.distances[number][: len(best)], far[best], atol=1e-6)
        assert (hits.rows[number][len(best) :] == -1).all()


def test_vectors_within_a_distance_and_of_zeros() -> None:
    entries = vectors(200)
    far = 1.0 - entries @ entries[0]
    hits = VectorIndex(entries).nearest(np.stack([entries[0], np.zeros(16, np.float32)]), 50, within=0.5)
    assert (hits.rows[0] >= 0).sum() == min(50, (far <= 0.5).sum())
    assert (hits.rows[1] == -1).all()
    assert np.isinf(hits.distances[1]).all()


def test_queries_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        VectorIndex(vectors(4)).nearest(np.zeros((2, 7), np.float32), 1)
    with pytest.raises(ValueError, match="of float32"):
        VectorIndex(np.zeros((4, 16)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("index", "queries"),
    [
        (HashIndex(_LARGE_CODES), _LARGE_CODES[:3]),
        (HashIndex(codes(9)), codes(2)),
        (VectorIndex(vectors(9)), vectors(2)),
    ],
    ids=["hashes with tables", "few hashes", "vectors"],
)
def test_an_index_is_what_its_arrays_say(index: SearchIndex, queries: NDArray[np.generic]) -> None:
    again = type(index).from_arrays(index.arrays())
    first, second = (some.nearest(queries, 5, within=200) for some in (index, again))
    np.testing.assert_array_equal(first.rows, second.rows)
