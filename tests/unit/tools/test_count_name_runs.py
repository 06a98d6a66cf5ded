"""Counting runs of letters, as the table holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.names import ordinary_names
from tools import count_name_runs


def test_a_run_counts_once_for_each_place_and_edges_are_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_name_runs, "LEAST", 2)
    table = count_name_runs.table_of(["abc", "abcde", "x-abc", "zz"])
    entries = (len(table) - 4) // 5
    hashes = [int.from_bytes(table[4 + 4 * place : 8 + 4 * place], "little") for place in range(entries)]
    assert hashes == sorted(hashes)
    counts = {each: round(2 ** (table[4 + 4 * entries + place] / 8)) for place, each in enumerate(hashes)}
    assert table[:4] == (4).to_bytes(4, "little")

    def count(run: str) -> int:
        code = 0
        for symbol in run:
            code = code * (len(ordinary_names.SYMBOLS) + 1) + ordinary_names.SYMBOLS.index(symbol) + 1
        return counts.get(ordinary_names.run_hashes(code), 0)

    assert count("abc") == 3
    assert count("-abc") == 3, "the part after a hyphen begins too"
    assert count("abc-") == count("-abc-") == 2
    assert count("zz") == count("bcd") == 0, "too short, too seldom"


def test_labels_are_those_that_somebody_registered(tmp_path: Path) -> None:
    for name, hosts in (
        ("tranco", ["a.shop.co.uk", "Shop.example"]),
        ("google-chrome-crux-1million", ["xn--a.com", "two.com"]),
    ):
        folder = tmp_path / "lists" / name
        folder.mkdir(parents=True)
        (folder / "list.json").write_text(json.dumps({"list": hosts}), encoding="utf-8")
    assert count_name_runs.labels_of(tmp_path) == ["shop", "two"]
