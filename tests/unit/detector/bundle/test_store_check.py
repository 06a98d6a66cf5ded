"""The chain of a store: sealed with the result, and walked.  What is said of tampering: ``test_tamperings.py``."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from detector.bundle import EvidenceSealer, StoreCheck, TrustAnchors, check_store, make_key
from detector.bundle.evidence_manifest import read_manifest
from detector.model import CaseState, Decision, Verdict
from detector.store.chains.heads import GENESIS
from detector.takedown import FolderSink, export_cases
from tests.support.store.builders import CLEAR, candidate, capture, flagged, review
from tests.support.store.evidence import Desk, desk, noise
from tests.support.store.takedown_queue import ANY


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Desk]:
    """Four sealed captures, two exports."""
    with desk(tmp_path / "ws", make_key(tmp_path / "key.pem")) as opened:
        for number in range(4):
            opened.add(f"h{number}.example")
        opened.export(1, tmp_path / "out")
        opened.export(2, tmp_path / "out")
        yield opened


def tamper(opened: Desk, statement: str, *values: object) -> StoreCheck:
    """Change the database behind the program's back, then walk the chain."""
    with closing(sqlite3.connect(opened.folder / "clonewatch.sqlite")) as connection, connection:
        connection.execute(statement, values)
    return check_store(opened.store, opened.evidence)


def test_a_whole_store_is_intact(full: Desk) -> None:
    result = check_store(full.store, full.evidence, TrustAnchors(full.key.public if full.key else None))
    assert result.problems == []
    assert (result.manifests, result.signed, result.stamped, result.handovers, result.unsealed) == (4, 4, 0, 2, 0)
    # four times seven files, the HAR is the same in all of them
    assert result.files == 4 * 6 + 1
    assert result.head == full.store.chain.head()


def test_each_manifest_names_the_one_before(full: Desk) -> None:
    previous = GENESIS
    for number, record in enumerate(full.store.chain.manifests(), 1):
        manifest = read_manifest(record.manifest)
        assert (manifest.sequence, manifest.previous) == (number, previous)
        assert (manifest.capture_id, manifest.case) == (record.capture_id, record.case_id)
        previous = record.sha256
    assert full.store.chain.head() == (4, previous)


def test_which_verdicts_are_sealed(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        sealer = EvidenceSealer(opened.evidence)
        seen = capture()
        assert sealer.prepare(seen, CLEAR) is None
        assert sealer.prepare(seen, Verdict(Decision.UNSEEN)) is None
        opened.store.backlog.add([candidate("https://a.example/"), candidate("https://b.example/")])
        for claim, verdict in zip(opened.store.backlog.claim(2), (review(), flagged()), strict=True):
            seal = sealer.prepare(seen, verdict)
            first = opened.store.finish(claim, seen, verdict, seal=seal)
            assert opened.store.finish(claim, seen, verdict, seal=seal) == first
        assert [record.sequence for record in opened.store.chain.manifests()] == [1, 2]


def test_a_file_that_was_missing_already_does_not_hold_up_the_result(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        shot = opened.evidence.put(noise(1, 10), "image/png")
        seen = capture(screenshot=shot)
        Path(opened.evidence.path(shot)).unlink()
        opened.store.record(seen, flagged(), seal=opened.sealer.prepare(seen, flagged()))
        [record] = opened.store.chain.manifests()
        entry = read_manifest(record.manifest).files[0]
        assert entry.role == "screenshot"
        assert "cannot be read" in entry.missing
        assert check_store(opened.store, opened.evidence).problems == []


def test_a_chain_that_was_cut_with_its_head_does_not_have_the_sha256_that_was_noted(full: Desk) -> None:
    noted = list(full.store.chain.manifests())[2].sha256
    assert check_store(full.store, full.evidence, TrustAnchors(sha256=noted)).problems == []
    tamper(full, "DELETE FROM manifests WHERE sequence > 2")
    tamper(full, "UPDATE chain_heads SET sequence = 2, sha256 = (SELECT sha256 FROM manifests WHERE sequence = 2)"
                 " WHERE name = 'manifests'")  # fmt: skip
    problems = check_store(full.store, full.evidence, TrustAnchors(sha256=noted)).problems
    assert any("the chain was cut or rewritten" in problem for problem in problems)


@pytest.mark.parametrize("position", [0, 65_535, 65_536, 199_999])
def test_an_altered_file_is_told_by_its_byte_range(full: Desk, position: int) -> None:
    record = next(full.store.chain.manifests())
    entry = read_manifest(record.manifest).files[0]
    path = next(full.folder.rglob(f"{entry.sha256}*"))
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    [problem] = check_store(full.store, full.evidence).problems
    first = position // 65_536 * 65_536
    last = min(first + 65_536, 200_000) - 1
    assert f"manifest 1: files/screenshot.png was altered within bytes {first} to {last} of 200000" in problem
    assert check_store(full.store, full.evidence, files=False).problems == []
    path.unlink()
    [problem] = check_store(full.store, full.evidence).problems
    assert "manifest 1: files/screenshot.png is missing" in problem


def test_the_database_itself_refuses_a_fork(full: Desk) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"manifests\.previous"):
        tamper(
            full,
            "INSERT INTO manifests (sequence, sha256, previous, capture_id, sealed, manifest) "
            "SELECT 9, 'x', previous, 99, 0, manifest FROM manifests WHERE sequence = 3",
        )


def test_exports_and_takedowns_are_logged_with_their_actors(full: Desk, tmp_path: Path) -> None:
    full.store.cases.move(3, CaseState.CONFIRMED, actor="cleo", comment="sure")
    for _ in range(2):
        export_cases(full.store, full.evidence, FolderSink(tmp_path / "queue"), rules=ANY, actor="bert")
    log = [record.handover for record in full.store.chain.handovers()]
    assert [(line.action, line.actor) for line in log] == [("export", "ann")] * 2 + [("takedown", "bert")] * 4
    assert {line.case_id for line in log[2:]} == {1, 2, 3, 4}
    assert [line.manifest for line in log if line.case_id == 3] == [3]
    assert Path(log[0].destination) == full.exports[0].path
    assert [line.case_id for line in (record.handover for record in full.store.chain.handovers(2))] == [2, 2]
    assert check_store(full.store, full.evidence).problems == []


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "loop"])
def test_something_else_in_the_place_of_a_file_is_named_and_not_waited_for(full: Desk, kind: str) -> None:
    [(_, seen, _), *_] = full.store.captures.stream()
    assert seen.screenshot is not None
    path = Path(full.evidence.path(seen.screenshot))
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else path.name)
    problems = check_store(full.store, full.evidence).problems
    assert any(path.name in str(problem) and "cannot be read" in str(problem) for problem in problems), problems
