"""A small day of certificates: names tiles and data tiles, the process killed meanwhile, every planted name found once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ct_day import Day, measure

pytestmark = pytest.mark.ordeal


def test_a_small_day_with_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    labels = ("garten", "holzbau", "kaffee", "velo", "shop", "cloud", "support", "login", "meadow", "harbour")
    words.write_text(
        "\n".join(f"{label}.{ending}" for label in labels for ending in ("com", "net", "co.jp")), encoding="utf-8"
    )
    day = Day(names=60_000, certificates=600, planted=150, kills=2, source=words, alive=(3.0, 5.0))
    runs = measure(tmp_path / "day", day)
    assert runs.killed >= 1
    assert "entries read" in runs.last
