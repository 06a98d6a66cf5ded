"""A workspace that cannot be written: commands that only read work, the others are refused; what is made is its owner's alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.disk import mounted_disk
from tests.support.every_command import NO_BROWSER, prepare, words_of
from tests.support.program import clonewatch, complains
from tests.support.store.evidence import desk

READING = {
    "cases list": "clone[.]example",
    "evidence check": "manifests",
    "evidence log": "1 step.",
    "phones list": "0 numbers.",
    "schedule list": "No crawl jobs",
    "status": "1 new",
    "takedown list": "0 cases exported",
}
WRITING = ("cases confirm", "cases dismiss", "probe", "scan", "worker")


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a workspace ``ws w%20#`` on a disk that is mounted for reading only."""
    with mounted_disk("30m") as disk:
        prepare(disk)
        with desk(disk / "ws w%20#") as opened:
            opened.add("clone.example")
        remounted = subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True, check=False)
        if remounted.returncode:
            pytest.skip("a disk cannot be remounted here")
        yield disk


@pytest.mark.parametrize("name", READING)
def test_what_only_reads_works(read_only: Path, name: str) -> None:
    done = clonewatch(*words_of(name, read_only, read_only / "ws w%20#"))
    assert done.returncode == 0, done.stderr
    assert READING[name] in done.stdout


def test_a_report_and_a_backup_go_elsewhere(read_only: Path, tmp_path: Path) -> None:
    home, brands = read_only / "ws w%20#", ("--brands", read_only / "brands")
    assert "1 flagged" in clonewatch("report", "--out", tmp_path / "report", "-w", home, *brands).stdout
    assert clonewatch("backup", tmp_path / "copy", "-w", home).returncode == 0
    assert "clone[.]example" in clonewatch("cases", "list", "-w", tmp_path / "copy").stdout


@pytest.mark.parametrize("name", WRITING)
def test_what_writes_is_refused(read_only: Path, name: str) -> None:
    done = clonewatch(*words_of(name, read_only, read_only / "ws w%20#"), env=NO_BROWSER)
    complains(done, 4, str(read_only / "ws w%20#"), "permission")


def test_what_is_made_is_private(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    before = os.umask(0o022)
    try:
        with desk(home) as opened:
            opened.add("clone.example")
            modes = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}
        assert clonewatch("backup", tmp_path / "copy", "-w", home).returncode == 0
    finally:
        os.umask(before)
    assert modes["evidence"] == 0o700
    assert {mode for name, mode in modes.items() if name.startswith("clonewatch.sqlite")} == {0o600}
    assert (tmp_path / "copy" / "clonewatch.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "copy" / "evidence").stat().st_mode & 0o777 == 0o700


def test_permissions_that_somebody_chose_stay(tmp_path: Path) -> None:
    home = tmp_path / "ws"
    (home / "evidence").mkdir(parents=True, mode=0o755)
    with desk(home):
        pass
    (home / "clonewatch.sqlite").chmod(0o660)
    (home / "evidence").chmod(0o770)
    with desk(home) as opened:
        opened.add("clone.example")
    assert (home / "clonewatch.sqlite").stat().st_mode & 0o777 == 0o660
    assert (home / "evidence").stat().st_mode & 0o777 == 0o770


@pytest.mark.parametrize("left", ["nothing", "reports", "configuration"])
def test_an_empty_database_without_evidence_is_what_a_killed_start_leaves(tmp_path: Path, left: str) -> None:
    home = tmp_path / "ws"
    home.mkdir()
    (home / "clonewatch.sqlite").touch()
    if left == "reports":
        (home / "reports").mkdir()
    elif left == "configuration":
        (home / "clonewatch.toml").write_text("")
    assert clonewatch("cases", "list", "-w", home).stdout == "0 cases.\n"
    with desk(home) as opened:
        opened.add("clone.example")
    (home / "clonewatch.sqlite").write_bytes(b"")
    complains(clonewatch("cases", "list", "-w", home), 4, "is empty (0 bytes)", "put a backup in its place")
