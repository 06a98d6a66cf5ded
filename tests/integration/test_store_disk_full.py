"""A full disk: an error in one sentence, nothing lost, and work continues when there is space.

With root, the disk is a small tmpfs; everybody can have the limit on file sizes (``RLIMIT_FSIZE``), which ends a write in
the same place with another error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.errors import EvidenceError, StoreError
from detector.model import Capture
from detector.store import Store
from detector.takedown import FolderSink, export_cases
from detector.workspace import Workspace
from tests.support.disk import fill, mounted_disk
from tests.support.store.builders import CLEAR, capture, flagged, python
from tests.support.store.takedown_queue import ANY

FILL_UP_TO_A_LIMIT = """
import resource, sys
from pathlib import Path
from detector.errors import StoreError
from detector.store import Store
from tests.support.disk import fill, mounted_disk
from tests.support.store.builders import capture, flagged
store = Store.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
stored = 0
try:
    while True:
        store.record(capture(f"https://h{stored}.example/", note="x" * 50_000), flagged())
        stored += 1
except StoreError as error:
    print(stored)
    print(error)
print(len(list(store.captures.stream())))
store.close()
"""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with mounted_disk("2m") as disk:
        yield disk


def page(number: int) -> Capture:
    return capture(f"https://h{number}.example/", note="x" * 50_000)


def record_pages(store: Store, ids: list[int]) -> None:
    """Far more than a small disk holds; ``ids`` grows with what was stored."""
    for number in range(len(ids), 100):
        ids.append(store.record(page(number), flagged()))


def test_a_full_disk_loses_nothing_and_work_goes_on_afterwards(small_disk: Path) -> None:
    with Store.open(small_disk / "clonewatch.sqlite") as store:
        before = [store.record(page(number), flagged()) for number in range(3)]
        ballast = fill(small_disk, leave=8192)
        with pytest.raises(StoreError, match=r"disk is full; free some space.*what was stored before is safe"):
            record_pages(store, before)
        assert sorted(row[0] for row in store.captures.stream()) == before
        ballast.unlink()
        after = store.record(page(100), CLEAR)
        assert sorted(row[0] for row in store.captures.stream()) == [*before, after]
        assert len(store.cases.find()) == len(before)


def test_a_limit_on_file_sizes_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clonewatch.sqlite"
    process = python(FILL_UP_TO_A_LIMIT, str(path))
    stored, sentence, seen = process.communicate()[0].splitlines()
    assert process.returncode == 0
    assert "check the disk's space, quotas and health, then run again; what was stored before is safe" in sentence
    assert int(stored) == int(seen) > 0
    with Store.open(path) as store:
        assert store.counts()["captures"] == int(stored)
        store.record(capture("https://later.example/"), CLEAR)


def test_a_new_workspace_on_a_full_disk(small_disk: Path) -> None:
    ballast = fill(small_disk)
    with pytest.raises(StoreError, match=r"the disk is full|check the disk's space"):
        Workspace.open(small_disk / "workspace")
    ballast.unlink()
    with Workspace.open(small_disk / "workspace") as workspace:
        assert workspace.store.counts()["captures"] == 0


def test_an_export_to_a_full_disk_goes_on_once_there_is_space(small_disk: Path, tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        for number in range(8):
            shot = workspace.evidence.put(os.urandom(100_000), "image/png")
            workspace.store.record(capture(f"https://h{number}.example/", screenshot=shot), flagged())
        ballast = fill(small_disk, leave=350_000)
        with pytest.raises(
            EvidenceError,
            match="the disk is full: free some space, then run again: no case is lost, and none is exported twice",
        ):
            export_cases(workspace.store, workspace.evidence, FolderSink(small_disk / "out"), rules=ANY)
        lines = (small_disk / "out" / "takedown.jsonl").read_bytes().splitlines()
        assert 0 < len(lines) == len(workspace.store.deliveries.find()) < 8
        ballast.unlink()
        export_cases(workspace.store, workspace.evidence, FolderSink(small_disk / "out"), rules=ANY)
    hosts = [json.loads(line)["host"] for line in (small_disk / "out" / "takedown.jsonl").read_bytes().splitlines()]
    assert sorted(hosts) == [f"h{number}.example" for number in range(8)]
    assert len(list((small_disk / "out" / "evidence").iterdir())) == 8
