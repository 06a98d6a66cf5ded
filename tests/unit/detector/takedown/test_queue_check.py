"""Everything that somebody could do to a queue on the disk is named; what the desk may do is not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.evidence import Evidence
from detector.model import CaseState
from detector.store import Store
from detector.takedown import FolderSink, QueueCheck, check_queues, export_cases
from tests.support.store.builders import flagged
from tests.support.store.takedown_queue import ANY, add

OWN = "workspace"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, and a queue of four lines: three cases, of which the second was withdrawn."""
    folder = tmp_path_factory.mktemp("delivered")
    with Store.open(folder / "clonewatch.sqlite") as store:
        evidence = Evidence(str(folder / "evidence"))
        for number in range(3):
            add(store, evidence, f"h{number}.example", flagged())
        _export(store, folder)
        store.cases.move(2, CaseState.DISMISSED, actor="ann", comment="ours")
        _export(store, folder)
    return folder


def _export(store: Store, folder: Path) -> None:
    evidence = Evidence(str(folder / "evidence"))
    export_cases(store, evidence, FolderSink(folder / "takedown"), rules=ANY, destination=OWN)


def _lines(folder: Path) -> list[bytes]:
    return (folder / "takedown" / "takedown.jsonl").read_bytes().splitlines(keepends=True)


def _write(folder: Path, lines: list[bytes]) -> None:
    (folder / "takedown" / "takedown.jsonl").write_bytes(b"".join(lines))


def _check(folder: Path) -> QueueCheck:
    with Store.open(folder / "clonewatch.sqlite") as store:
        return check_queues(store, (OWN, folder / "takedown"))


def _replaced_by(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "takedown" / "takedown.jsonl"
        path.rename(folder / "elsewhere")
        make(path)

    return change


def _evidence(folder: Path) -> Path:
    line = json.loads(_lines(folder)[0])
    return folder / "takedown" / str(line["evidence"][0]["file"])


def _changed(number: int, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        lines = _lines(folder)
        assert old in lines[number]
        lines[number] = lines[number].replace(old, new)
        _write(folder, lines)

    return change


def _pipe_for_evidence(folder: Path) -> None:
    path = _evidence(folder)
    path.unlink()
    os.mkfifo(path)


def _reordered(*order: int) -> Callable[[Path], None]:
    return lambda folder: _write(folder, [_lines(folder)[number] for number in order])


TAMPERINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a host in a line": (
        _changed(0, b"h0.example", b"h9.example"),
        "about case 1, was altered after it was handed over",
    ),
    "a probability in a line": (_changed(2, b"0.97", b"0.17"), "about case 3, was altered after it was handed over"),
    "one blank in a line": (_changed(0, b'"schema":', b'"schema": '), "about case 1, was altered"),
    "the reason of a withdrawal": (_changed(3, b"ours", b"none"), "about case 2, was altered after it was handed over"),
    "the id of a line": (_changed(1, b'"id":"', b'"id":"0'), "line 2 of"),
    "a line that is none any more": (_changed(1, b"{", b"["), "about case 2, is gone"),
    "the first line is gone": (_reordered(1, 2, 3), "about case 1, is gone"),
    "a line is gone": (_reordered(0, 2, 3), "about case 2, is gone"),
    "the withdrawal is gone": (_reordered(0, 1, 2), "line 4 of"),
    "the tail is gone": (_reordered(0), "about case 3, is gone"),
    "all lines are gone": (_reordered(), "about case 1, is gone"),
    "two lines changed places": (_reordered(1, 0, 2, 3), "about case 1, is now line 2"),
    "a line stands there twice": (_reordered(0, 0, 1, 2, 3), "about case 2, is now line 3"),
    "a line that nobody wrote": (
        lambda folder: _write(folder, [*_lines(folder), _lines(folder)[0].replace(b'"id":"', b'"id":"9')]),
        "and no delivery of that number is in the store",
    ),
    "the file is a folder": (_replaced_by(Path.mkdir), "cannot be read"),
    "the file is a pipe": (_replaced_by(os.mkfifo), "cannot be read"),
    "the file is a link": (_replaced_by(lambda path: path.symlink_to("/etc/hostname")), "cannot be read"),
    "a file of evidence was altered": (
        lambda folder: _evidence(folder).write_bytes(b"x"),
        "about case 1, names evidence/",
    ),
    "a file of evidence is gone": (lambda folder: _evidence(folder).unlink(), "which cannot be read"),
    "a file of evidence is a pipe": (
        _pipe_for_evidence,
        "which is not a regular file",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_with_a_queue_is_named(delivered: Path, tmp_path: Path, name: str) -> None:
    change, said = TAMPERINGS[name]
    folder = tmp_path / "ws"
    shutil.copytree(delivered, folder)
    change(folder)
    problems = _check(folder).problems
    if "about case 1, names" in said:
        said = "names evidence/"
    assert any(said in problem for problem in problems), problems
    assert all(problem.isprintable() for problem in problems)


def test_what_the_desk_may_do(delivered: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(delivered, folder)
    result = _check(folder)
    assert (result.problems, result.notes, result.lines) == ([], [], 4)
    # take the file away as a whole
    (folder / "takedown" / "takedown.jsonl").rename(folder / "taken")
    result = _check(folder)
    assert result.problems == []
    assert "is gone with 4 lines: the desk has taken it away, or somebody has deleted it." in result.notes[0]
    # what comes later is a file of its own, whose lines are counted anew
    with Store.open(folder / "clonewatch.sqlite") as store:
        add(store, Evidence(str(folder / "evidence")), "later.example", flagged())
        _export(store, folder)
    result = _check(folder)
    assert (result.problems, result.notes, result.lines) == ([], [], 1)
    # write a line of its own
    _write(folder, [*_lines(folder), b"seen by the desk\n"])
    assert _check(folder).problems == []


def test_a_line_that_an_export_wrote_before_it_was_killed_is_entered_with_its_sha256(
    delivered: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ws"
    shutil.copytree(delivered, folder)
    with Store.open(folder / "clonewatch.sqlite") as store:
        add(store, Evidence(str(folder / "evidence")), "later.example", flagged())
        store.copy_to(folder / "before")
        _export(store, folder)
    (folder / "before").replace(folder / "clonewatch.sqlite")
    (folder / "clonewatch.sqlite-wal").unlink(missing_ok=True)
    assert "an export was killed" in _check(folder).problems[0]
    with Store.open(folder / "clonewatch.sqlite") as store:
        _export(store, folder)
        [last] = store.deliveries.find()[-1:]
    assert (last.line, len(last.body_sha256 or "")) == (5, 64)
    assert _check(folder).problems == []
