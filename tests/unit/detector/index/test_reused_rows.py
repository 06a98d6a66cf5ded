"""Rows that were computed earlier are found by their file's content, in any cached set."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from detector.index import cache_folder, earlier_rows, kept, source_columns
from detector.index.kept_arrays import LATEST
from detector.index.reused_rows import SOURCE_OF, SOURCES
from detector.index.search import Arrays


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_folder()


def made(sources: list[str], of: list[int], values: list[int]) -> Arrays:
    return {
        "values": np.asarray(values, np.int64),
        SOURCES: np.asarray(sources, np.str_),
        SOURCE_OF: np.asarray(of, np.int32),
    }


def values(found: dict[str, Arrays]) -> dict[str, list[int]]:
    return {source: arrays["values"].tolist() for source, arrays in found.items()}


def test_rows_keep_their_order_and_a_source_may_have_none() -> None:
    kept("things-v1-a", lambda: made(["x", "y", "z"], [2, 0, 2, 0], [10, 20, 30, 40]))
    assert values(earlier_rows("things-v1", ["x", "y", "z", "new"], ["values"])) == {
        "x": [20, 40],
        "y": [],
        "z": [10, 30],
    }


def test_several_sets_are_asked_the_latest_used_first() -> None:
    kept("things-v1-old", lambda: made(["x", "y"], [0, 1], [1, 2]))
    long_ago = time.time() - 1000
    os.utime(cache_folder() / "things-v1-old", (long_ago, long_ago))
    kept("things-v1-new", lambda: made(["y", "z"], [0, 1], [3, 4]))
    assert values(earlier_rows("things-v1", ["x", "y", "z"], ["values"])) == {"x": [1], "y": [3], "z": [4]}


def test_to_be_looked_through_is_no_use_and_the_eldest_are_not(own_cache: Path) -> None:
    for age in range(LATEST + 1):
        kept(f"things-v1-{age}", partial(made, [f"x{age}"], [0], [age]))
        long_ago = time.time() - 1000 * (age + 1)
        os.utime(own_cache / f"things-v1-{age}", (long_ago, long_ago))
    before = {path: path.stat().st_mtime for path in own_cache.iterdir()}
    found = earlier_rows("things-v1", [f"x{age}" for age in range(LATEST + 1)], ["values"])
    assert values(found) == {f"x{age}": [age] for age in range(LATEST)}
    assert {path: path.stat().st_mtime for path in own_cache.iterdir()} == before


def test_other_versions_damaged_sets_and_sets_without_sources_give_nothing(own_cache: Path) -> None:
    kept("things-v2-a", lambda: made(["x"], [0], [1]))
    kept("things-v1-plain", lambda: {"values": np.arange(3)})
    kept("things-v1-cut", lambda: made(["x"], [0], [1]))
    os.truncate(own_cache / "things-v1-cut" / "values.npy", 10)
    kept("things-v1-uneven", lambda: made(["x"], [0], [1, 2]))
    assert earlier_rows("things-v1", ["x"], ["values"]) == {}
    assert earlier_rows("others", ["x"], ["values"]) == {}


def test_nothing_is_asked_for() -> None:
    kept("things-v1-a", lambda: made(["x"], [0], [1]))
    assert earlier_rows("things-v1", [], ["values"]) == {}


def test_a_second_file_of_the_same_content_adds_no_rows_to_the_first() -> None:
    columns = source_columns([("x", 2), ("y", 1), ("x", 2), ("none", 0)])
    assert columns[SOURCES].tolist() == ["x", "y", "none"]
    assert columns[SOURCE_OF].tolist() == [0, 0, 1, -1, -1]
    kept("things-v1-a", lambda: {"values": np.asarray([1, 2, 3, 1, 2]), **columns})
    assert values(earlier_rows("things-v1", ["x", "y", "none"], ["values"])) == {"x": [1, 2], "y": [3], "none": []}
