"""Cost of an exact search, from 100 to 1,000,000 entries: hashes within 26 bits, and the 24 nearest vectors.

    python benchmarks/index.py [--sizes 100,1000,10000,100000,1000000] [--dimensions 256]

Half of the entries are near one of 1,000 others, as pictures of pages are; half of the queries are an entry with 20 bits changed.
The answers of 20 queries are checked against a search that compares the query with every entry.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from detector.index import HashIndex, SearchIndex, VectorIndex, cache_folder, kept  # noqa: E402

WITHIN, NEAREST, QUERIES, CHECKED = 26, 24, 100, 20
Codes = NDArray[np.uint8]
Vectors = NDArray[np.float32]


def codes(count: int, random: np.random.Generator) -> Codes:
    drawn = random.integers(0, 256, (count, 32), dtype=np.uint8)
    near = np.flatnonzero(random.random(count) < 0.5)
    for start in range(0, len(near), 50_000):
        rows = near[start : start + 50_000]
        bits = np.unpackbits(drawn[random.integers(0, min(count, 1000), len(rows))], axis=1)
        drawn[rows] = np.packbits(bits ^ (random.random(bits.shape) < 0.08), axis=1)
    return drawn


def asked_codes(entries: Codes, random: np.random.Generator) -> Codes:
    strangers = random.integers(0, 256, (QUERIES // 2, 32), dtype=np.uint8)
    bits = np.unpackbits(entries[random.integers(0, len(entries), QUERIES - len(strangers))], axis=1)
    for row in bits:
        row[random.choice(256, 20, replace=False)] ^= 1
    return np.concatenate([np.packbits(bits, axis=1), strangers])


def vectors(count: int, dimensions: int, random: np.random.Generator) -> Vectors:
    drawn = random.standard_normal((count, dimensions), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def bits_apart(entries: Codes, query: Codes) -> list[float]:
    return list(map(float, np.bitwise_count(entries ^ query).sum(axis=1)))


def angles(entries: Vectors, query: Vectors) -> list[float]:
    return list(map(float, 1.0 - entries @ query))


def measure(
    kind: type[SearchIndex],
    name: str,
    entries: NDArray[Any],
    queries: NDArray[Any],
    within: float | None,
    truth: Callable[[NDArray[Any]], list[float]],
) -> str:
    began = time.perf_counter()
    kept(name, lambda: kind(entries).arrays())  # type: ignore[call-arg]
    built = time.perf_counter() - began
    size = sum(path.stat().st_size for path in (cache_folder() / name).iterdir()) / 1e6
    began = time.perf_counter()
    index = kind.from_arrays(kept(name, lambda: {}))
    opened = time.perf_counter() - began
    index.nearest(queries[:3], NEAREST, within=within)
    spent = []
    for query in queries:
        began = time.perf_counter()
        index.nearest(query[None], NEAREST, within=within)
        spent.append(time.perf_counter() - began)
    for query in queries[:: QUERIES // CHECKED]:
        far = index.nearest(query[None], NEAREST, within=within).distances[0]
        wanted = [value for value in sorted(truth(query))[:NEAREST] if within is None or value <= within]
        if not np.allclose(far[np.isfinite(far)], wanted, atol=1e-5):
            raise SystemExit(f"{name}: not exact")
    milliseconds = [1000 * value for value in spent]
    return (
        f"| {kind.__name__} | {len(entries):,} | {built:.2f} | {size:,.1f} | {1000 * opened:.1f} | {median(milliseconds):.3f} | "
        f"{sorted(milliseconds)[int(0.95 * len(spent))]:.3f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure exact search.")
    parser.add_argument("--sizes", default="100,1000,10000,100000,1000000")
    parser.add_argument("--dimensions", type=int, default=256)
    options = parser.parse_args()
    print("| index | entries | s to build and keep | MB kept | ms to open | ms a query, median | p95 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in map(int, options.sizes.split(",")):
        random = np.random.default_rng(size)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            entries = codes(size, random)
            queries = asked_codes(entries, random)
            print(
                measure(
                    HashIndex, "hashes-1", entries, queries, WITHIN,
                    partial(bits_apart, entries),
                ),
                flush=True,
            )  # fmt: skip
            shown = vectors(size, options.dimensions, random)
            print(
                measure(
                    VectorIndex, "vectors-1", shown, vectors(QUERIES, options.dimensions, random), None,
                    partial(angles, shown),
                ),
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
