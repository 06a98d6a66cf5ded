"""Rows that hold what the program never stores: named, left out, and told once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from detector.errors import StoreError
from detector.model import Capture, CaseState
from detector.store import Store
from detector.store.damage import LEFT_OUT, SHOWN, DamagedRow, DamageLog, readable, stored_json, stored_row
from tests.support.store.builders import capture, flagged


@pytest.mark.parametrize(
    "text", ["", "beans", "{", "[1]", "null", '{"url": 1}', "[" * 20_000, '{"a":' * 20_000, "\x00"]
)
def test_json_that_is_no_capture_names_its_row(text: str) -> None:
    with pytest.raises(DamagedRow, match=r"the database is damaged: capture 7 \(.+\); put a backup in its place"):
        stored_json(text, Capture, "capture", 7)


def test_a_state_that_there_is_not_names_its_row() -> None:
    with pytest.raises(DamagedRow, match=r"case 3 .*eaten"), stored_row("case", 3):
        CaseState("eaten")


def test_a_damaged_row_is_left_out_and_told_once() -> None:
    def read(ids: Sequence[int]) -> list[int]:
        if 2 in ids:
            raise DamagedRow("case 2 (beans)")
        return list(ids)

    LEFT_OUT.taken()
    assert readable([1, 2, 3], read) == readable([1, 2, 3], read) == [1, 3]
    assert "1 row was left out: case 2 (beans); put a backup" in LEFT_OUT.taken()
    assert LEFT_OUT.taken() == ""


def test_many_damaged_rows_are_counted() -> None:
    log = DamageLog()
    for number in range(SHOWN + 5):
        log.add(DamagedRow(f"case {number}"))
    assert f"{SHOWN + 5} rows were left out: case 0; " in (said := log.taken())
    assert "and 5 more" in said


@pytest.mark.parametrize("value", ["9223372036854775807", "-9223372036854775808", "'Tuesday'", "1.5", "x'00'"])
def test_a_time_that_is_none_is_named_with_its_row(tmp_path: Path, value: str) -> None:
    path = tmp_path / "clonewatch.sqlite"
    with Store.open(path) as store:
        store.record(capture(), flagged())
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"UPDATE custody SET at = {value} WHERE id = 1")
            connection.commit()
        with pytest.raises(StoreError, match=r"is damaged: .* is not a time \(custody.at of row 1\); put a backup"):
            store.custody.of_case(1)
