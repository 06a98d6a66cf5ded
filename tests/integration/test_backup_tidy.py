"""Backups of a workspace that is in use, and the removal of old files of cleared pages."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detector.bundle import check_store
from detector.errors import EvidenceError
from detector.model import StoredFile
from detector.workspace import Workspace
from tests.support.disk import fill, mounted_disk
from tests.support.program import background, clonewatch, complains
from tests.support.servers.postgres import Server
from tests.support.store.builders import CLEAR, capture, python
from tests.support.store.evidence import desk

KEEP_ADDING = """
import sys
from itertools import count
from pathlib import Path
from tests.support.store.evidence import desk
with desk(Path(sys.argv[1])) as opened:
    for number in count():
        opened.add(f"late{number}.example", size=2000)
        print(number, flush=True)
"""


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_a_workspace(tmp_path: Path) -> None:
    home, copy = tmp_path / "ws", tmp_path / "backup"
    with desk(home) as opened:
        opened.add("first.example")
    (home / "clonewatch.toml").write_text("[capture]\nslots = 3\n")
    (home / "brands" / "x").mkdir(parents=True)
    (home / "brands" / "x" / "brand.toml").write_text("")
    (home / "reports").mkdir()
    (home / "reports" / "index.html").write_text("")
    first = clonewatch("backup", copy, "-w", home)
    assert first.returncode == 0, first.stderr
    assert "0 files were copied before" in first.stdout
    assert (copy / "brands" / "x" / "brand.toml").exists()
    assert not (copy / "reports").exists()
    assert not [name for name in files(copy) if name.endswith(".part")]
    with Workspace.open(copy) as opened_copy:
        assert opened_copy.config.capture.slots == 3
        assert check_store(opened_copy.store, opened_copy.evidence).problems == []
        assert [case.site for case in opened_copy.store.cases.find()] == ["first.example"]
    with desk(home) as opened:
        opened.add("second.example", size=3000)
    again = clonewatch("backup", copy, "-w", home)
    assert again.returncode == 0, again.stderr
    assert "0 files were copied before" not in again.stdout
    with Workspace.open(copy) as opened_copy:
        assert len(opened_copy.store.cases.find()) == 2
        assert check_store(opened_copy.store, opened_copy.evidence).problems == []


def test_a_backup_of_a_workspace_that_is_written_to_is_of_one_moment(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    with desk(home) as opened:
        opened.add("first.example")
    writer = python(KEEP_ADDING, str(home))
    assert writer.stdout is not None
    try:
        for number in range(3):
            writer.stdout.readline()
            done = clonewatch("backup", tmp_path / f"backup{number}", "-w", home)
            assert done.returncode == 0, done.stderr
    finally:
        writer.kill()
        writer.communicate()
    for number in range(3):
        with Workspace.open(tmp_path / f"backup{number}") as copy:
            assert len(copy.store.cases.find()) > number
            assert check_store(copy.store, copy.evidence).problems == []


def test_evidence_that_is_missing_is_told(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    with desk(home) as opened:
        opened.add("first.example")
        [(_, seen, _)] = opened.store.captures.stream()
        assert seen.screenshot is not None
        Path(opened.evidence.path(seen.screenshot)).unlink()
    done = clonewatch("backup", tmp_path / "backup", "-w", home)
    complains(done, 4, "1 evidence file", "missing")


def flip(path: Path) -> None:
    """Change a byte of a file and leave its size and its time as they are."""
    found, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("suffix", [".png", ".html", ".warc.gz", ".json"])
def test_a_file_that_was_altered_under_the_same_size_is_told(tmp_path: Path, suffix: str) -> None:
    home, copy = tmp_path / "ws", tmp_path / "backup"
    with desk(home) as opened:
        opened.add("first.example")
    path = next(path for path in (home / "evidence").rglob("*") if path.name.endswith(suffix))
    if suffix == ".png":  # before the first backup, else after it
        flip(path)
        complains(clonewatch("backup", copy, "-w", home), 4, f"{path} (altered)")
        assert not (copy / path.relative_to(home)).exists()
        return
    whole = path.read_bytes()
    assert clonewatch("backup", copy, "-w", home).returncode == 0
    flip(path)
    complains(clonewatch("backup", copy, "-w", home), 4, f"{path} (altered; the copy is intact)")
    assert (copy / path.relative_to(home)).read_bytes() == whole


def other_in_place(path: Path, kind: str) -> None:
    """Put something that is not the file into its place."""
    data = path.read_bytes()
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a link to itself":
        path.symlink_to(path.name)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    elif kind != "nothing":
        path.write_bytes(
            {"grown": data + b"x", "emptied": b"", "cut": data[:-1], "another file": bytes(len(data))}[kind]
        )


@pytest.mark.parametrize(
    "kind", ["grown", "emptied", "cut", "another file", "nothing", "a folder", "a pipe", "a link to itself", "a device"]
)
def test_what_is_no_longer_the_file_that_was_stored_is_told(tmp_path: Path, kind: str) -> None:
    home, copy = tmp_path / "ws", tmp_path / "backup"
    with desk(home) as opened:
        opened.add("first.example")
        opened.add("other.example", size=4000)
    assert clonewatch("backup", copy, "-w", home).returncode == 0
    path = next((home / "evidence").rglob("*.png"))
    whole = path.read_bytes()
    other_in_place(path, kind)
    complains(clonewatch("backup", copy, "-w", home), 4, "1 evidence file", str(path), "the copy is intact")
    assert (copy / path.relative_to(home)).read_bytes() == whole


@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "gone"])
def test_a_damaged_copy_is_made_anew_and_told(tmp_path: Path, damage: str) -> None:
    home, copy = tmp_path / "ws", tmp_path / "backup"
    with desk(home) as opened:
        opened.add("first.example")
    (home / "clonewatch.toml").write_text("[capture]\nslots = 3\n")
    assert clonewatch("backup", copy, "-w", home).returncode == 0
    picture = next((copy / "evidence").rglob("*.png"))
    whole = picture.read_bytes()
    flip(copy / "clonewatch.toml")
    if damage == "flipped":
        flip(picture)
    elif damage == "gone":
        picture.unlink()
    else:
        picture.write_bytes(whole[: 100 if damage == "cut" else 0])
    done = clonewatch("backup", copy, "-w", home)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes() == whole
    assert (copy / "clonewatch.toml").read_text() == "[capture]\nslots = 3\n"
    assert (f"{picture}: this copy was damaged, and was made anew" in done.stderr) == (damage != "gone")


def test_one_backup_at_a_time_goes_into_a_folder(tmp_path: Path) -> None:
    home, target = tmp_path / "ws", tmp_path / "backup"
    with desk(home) as opened:
        opened.add("first.example")
    processes = [background("backup", target, "-w", home, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert {code for _, code in ended} <= {0, 4}
    assert all("is under way; let it finish" in said for said, code in ended if code)
    assert any(code == 0 for _, code in ended)
    with Workspace.open(target) as copy:
        assert check_store(copy.store, copy.evidence).problems == []
    lock = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (tmp_path / "link").symlink_to(target)
        for spelled in (target, tmp_path / "link", home / ".." / "backup", f"{target}/", f"{tmp_path}/./backup"):
            said = f"another backup into {spelled} is under way" if spelled == target else "is under way"
            complains(clonewatch("backup", spelled, "-w", home), 4, said, "let it finish")
        assert clonewatch("backup", tmp_path / "elsewhere", "-w", home).returncode == 0
    finally:
        os.close(lock)
    assert clonewatch("backup", target, "-w", home).returncode == 0


def test_a_full_disk_leaves_the_earlier_backup_whole(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    with desk(home) as opened:
        opened.add("first.example")
    with mounted_disk("8m") as disk:
        assert clonewatch("backup", disk / "backup", "-w", home).returncode == 0
        with desk(home) as opened:
            opened.add("second.example")
        fill(disk, leave=100_000)
        complains(clonewatch("backup", disk / "backup", "-w", home), 4, "disk is full", "free some space")
        (disk / "ballast").unlink()
        with Workspace.open(disk / "backup") as copy:
            assert [case.site for case in copy.store.cases.find()] == ["first.example"]
            assert check_store(copy.store, copy.evidence).problems == []


def test_where_a_backup_may_not_go(tmp_path: Path, postgres: Server) -> None:
    home = tmp_path / "ws"
    with desk(home) as opened:
        opened.add("first.example")
    complains(clonewatch("backup", home / "backup", "-w", home), 2, "lies within the workspace")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    complains(clonewatch("backup", tmp_path / "other", "-w", home), 2, "holds something other than a backup")
    (home / "clonewatch.toml").write_text(f'[store]\ndatabase = "{postgres.new_database()}"\n')
    complains(clonewatch("backup", tmp_path / "b", "-w", home), 4, "pg_dump")


def test_tidying_takes_cleared_pages_and_their_files_and_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    old = datetime.now(UTC) - timedelta(days=90)
    with desk(home) as opened:
        opened.add("case.example")
        picture = opened.evidence.put(b"cleared", "image/png")
        shared = next(seen.screenshot for _, seen, _ in opened.store.captures.stream())
        opened.store.record(capture("https://a.example/", started=old, screenshot=picture, full_page=shared), CLEAR)
        fresh = opened.evidence.put(b"just put", "image/png")
    (home / "clonewatch.toml").write_text("[retention]\ncleared_days = 60\n")
    _age(home, 30)
    with desk(home) as opened:
        os.utime(opened.evidence.path(fresh))
    dry = clonewatch("tidy", "--dry-run", "-w", home)
    assert dry.returncode == 0, dry.stderr
    assert "1 capture of cleared pages" in dry.stdout
    assert Path(_path(home, picture)).exists()
    done = clonewatch("tidy", "-w", home)
    assert done.returncode == 0, done.stderr
    assert not Path(_path(home, picture)).exists()
    assert Path(_path(home, fresh)).exists(), "somebody may be about to name it"
    with desk(home) as opened:
        assert check_store(opened.store, opened.evidence).problems == []
        assert [seen.url for _, seen, _ in opened.store.captures.stream()] == ["https://t.example/case.example"]
        with pytest.raises(EvidenceError, match="missing"):
            opened.evidence.get(picture)


def test_a_file_that_is_stored_again_is_young_again(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        stored = opened.evidence.put(b"picture", "image/png")
        _age(tmp_path, 30)
        opened.evidence.put(b"picture", "image/png")
        assert time.time() - Path(opened.evidence.path(stored)).stat().st_mtime < 3600


def test_nothing_is_tidied_unless_somebody_says_so(tmp_path: Path) -> None:
    done = clonewatch("tidy", "-w", tmp_path)
    assert done.returncode == 0
    assert "cleared_days" in done.stdout
    (tmp_path / "clonewatch.toml").write_text("[retention]\ncleared_days = 5\n")
    complains(clonewatch("tidy", "-w", tmp_path), 3, "retention.cleared_days")


def _path(home: Path, stored: StoredFile) -> str:
    with Workspace.open(home) as opened:
        return opened.evidence.path(stored)


def _age(home: Path, days: int) -> None:
    """As if all evidence had been stored so many days ago."""
    then = time.time() - days * 86_400
    for path in (home / "evidence").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))
