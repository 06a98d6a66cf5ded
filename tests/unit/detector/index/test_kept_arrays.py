"""Cached arrays: complete or absent, also when several programs build them at the same time."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.testing import capture_logs

from detector.index import cache_folder, kept
from detector.index.kept_arrays import KEPT_SECONDS

Arrays = dict[str, NDArray[Any]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_folder()


def made() -> Arrays:
    return {"numbers": np.arange(5000, dtype=np.int64), "names": np.asarray(["a", "bcd"]), "none": np.zeros((0, 4))}


def sets_in(folder: Path) -> list[str]:
    """Names of the cached sets; there may be no other file than locks."""
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert {path.name for path in folder.iterdir() if not path.is_dir()} <= {f".{name}.lock" for name in names}
    return names


def never() -> Arrays:
    raise AssertionError("built although it was kept")


def same(arrays: Arrays) -> None:
    assert arrays.keys() == made().keys()
    for name, array in made().items():
        np.testing.assert_array_equal(arrays[name], array)


def test_built_once_and_then_mapped() -> None:
    same(kept("things-1", made))
    again = kept("things-1", never)
    same(again)
    assert isinstance(again["numbers"].base, np.memmap | type(None)) or isinstance(again["numbers"], np.memmap)
    assert not again["numbers"].flags.writeable


def rewritten(path: Path, first: int, data: bytes) -> None:
    """Overwrite bytes of a file, which keeps its size."""
    with path.open("r+b") as stream:
        stream.seek(first)
        stream.write(data)


def swapped(first: Path, second: Path) -> None:
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe_in_place(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device_in_place(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def link_in_place(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda folder: os.truncate(folder / "numbers.npy", 900),
    "gone": lambda folder: (folder / "names.npy").unlink(),
    "no contents": lambda folder: (folder / "contents.json").unlink(),
    "contents are no JSON": lambda folder: (folder / "contents.json").write_text("{"),
    "contents are a list": lambda folder: (folder / "contents.json").write_text("[1]"),
    "contents nest deeply": lambda folder: (folder / "contents.json").write_text("[" * 100_000),
    "contents of an older version": lambda folder: (folder / "contents.json").write_text('{"numbers": 40128}'),
    "numbers are zeros": lambda folder: rewritten(folder / "numbers.npy", 128, bytes(40_000)),
    "half of the numbers are zeros": lambda folder: rewritten(folder / "numbers.npy", 20_128, bytes(20_000)),
    "one bit": lambda folder: rewritten(folder / "numbers.npy", 20_000, b"\xff"),
    "two files change places": lambda folder: swapped(folder / "numbers.npy", folder / "none.npy"),
    "a folder in the place of a file": lambda folder: folder_in_place(folder / "names.npy"),
    "a pipe in the place of a file": lambda folder: pipe_in_place(folder / "numbers.npy"),
    "a pipe in the place of the contents": lambda folder: pipe_in_place(folder / "contents.json"),
    "a device in the place of a file": lambda folder: device_in_place(folder / "numbers.npy"),
    "a link to itself": lambda folder: link_in_place(folder / "numbers.npy"),
    "grown": lambda folder: os.truncate(folder / "numbers.npy", 90_000),
    "empty": lambda folder: os.truncate(folder / "names.npy", 0),
    "another shape": lambda folder: rewritten(
        folder / "numbers.npy", 0, (folder / "numbers.npy").read_bytes().replace(b"5000", b"4000")
    ),
    "all of a file is zeros": lambda folder: rewritten(
        folder / "names.npy", 0, bytes((folder / "names.npy").stat().st_size)
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_one_is_built_anew(own_cache: Path, damage: str) -> None:
    kept("things-1", made)
    DAMAGE[damage](own_cache / "things-1")
    with capture_logs() as logs:
        same(kept("things-1", made))
    assert [line["event"] for line in logs] == ["cache damaged, or of an older version: it is built anew"]
    same(kept("things-1", never))
    assert sets_in(own_cache) == ["things-1"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path)])
def test_what_stands_in_the_place_of_the_lock_is_waited_for_by_nobody(
    own_cache: Path, make: Callable[[Path], None]
) -> None:
    own_cache.mkdir(parents=True)
    make(own_cache / ".things-1.lock")
    same(kept("things-1", made))
    same(kept("things-1", never))


def test_a_folder_that_cannot_be_written_costs_time_only(own_cache: Path) -> None:
    own_cache.parent.mkdir(exist_ok=True)
    own_cache.write_text("a file stands where the folder should be")
    same(kept("things-1", made))


def test_what_nobody_opens_goes_and_other_kinds_stay(own_cache: Path) -> None:
    for name in ("things-1", "things-2", "others-1"):
        kept(name, made)
        long_ago = time.time() - KEPT_SECONDS - 60
        os.utime(own_cache / name, (long_ago, long_ago))
    kept("things-2", never)
    kept("things-3", made)
    assert sets_in(own_cache) == ["others-1", "things-2", "things-3"]


def _at_once(barrier: Any, results: Any, built: Any) -> None:
    def build() -> Arrays:
        built.put(1)
        return made()

    barrier.wait(30)
    for number in range(20):
        arrays = kept(f"things-{number}", build)
        results.put(int(arrays["numbers"].sum()))


def test_of_several_processes_that_need_the_same_one_builds_it(own_cache: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, results, built = context.Barrier(4), context.Queue(), context.Queue()
    workers = [context.Process(target=_at_once, args=(barrier, results, built)) for _ in range(4)]
    for worker in workers:
        worker.start()
    sums = [results.get(timeout=60) for _ in range(80)]
    assert [built.get(timeout=60) for _ in range(20)] == [1] * 20
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert built.empty()
    assert set(sums) == {int(made()["numbers"].sum())}
    assert sets_in(own_cache) == sorted(f"things-{number}" for number in range(20))
