"""New names of a zone, found among all its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.sources.feeds.zone_hashes import ZoneHashes


def test_a_zone_that_was_never_read_has_nothing_new_and_then_what_came(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "test.npy"
    first = ZoneHashes(path)
    assert first.fresh(["a.test", "b.test"]) == []
    assert first.fresh(["c.test"]) == []
    first.keep()
    second = ZoneHashes(path)
    assert second.fresh(["z.test", "a.test"]) == ["z.test"]
    assert second.fresh(["c.test", "d.test"]) == ["d.test"]
    second.keep()
    third = ZoneHashes(path)
    assert third.fresh(["b.test", "z.test"]) == ["b.test"], "a name that went and came back is new"


def test_an_empty_zone_is_known_too(tmp_path: Path) -> None:
    ZoneHashes(tmp_path / "z.npy").keep()
    assert ZoneHashes(tmp_path / "z.npy").fresh(["a.test"]) == ["a.test"]


@pytest.mark.parametrize(
    "broken", [b"", b"no numbers", b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"]
)
def test_a_broken_file_counts_as_never_read(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "z.npy"
    path.write_bytes(broken)
    assert ZoneHashes(path).fresh(["a.test"]) == []
