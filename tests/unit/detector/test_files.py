"""Writing files: complete or absent."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from detector.files import atomic_writer, open_regular, sync_file, write_atomically


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")
    with atomic_writer(path, durable=durable) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    write_atomically(path, b"old")

    def interrupted() -> None:
        with atomic_writer(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "kept.json", b"new")


def test_a_stream_in_memory_is_flushed_only() -> None:
    sync_file(io.BytesIO(b"in memory"))


def test_only_a_regular_file_is_opened_and_nothing_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"whole")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as stream:
            assert stream.read() == b"whole"
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    before = len([*Path("/proc/self/fd").iterdir()]) if Path("/proc/self/fd").exists() else None
    for name in ("folder", "pipe", "device", "loop", "missing"):
        with pytest.raises(OSError, match=name):
            open_regular(tmp_path / name)
    assert before is None or len([*Path("/proc/self/fd").iterdir()]) == before
