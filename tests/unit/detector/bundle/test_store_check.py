"""The chain of a store: sealed with the result, walked, and every way of tampering with it named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from detector.bundle import EvidenceSealer, StoreCheck, TrustAnchors, check_store, make_key
from detector.bundle.evidence_manifest import read_manifest
from detector.model import CaseState, Decision, Verdict
from detector.store.chain import GENESIS
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


@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        ("DELETE FROM manifests WHERE sequence = 2", ["manifest 2 is missing from the chain"]),
        ("DELETE FROM manifests WHERE sequence > 2", ["manifests 3 to 4 are missing from the end of the chain"]),
        ("DELETE FROM manifests WHERE sequence = 1", ["manifest 1 is missing from the chain"]),
        (
            "UPDATE manifests SET manifest = CAST(replace(manifest, '0.97', '0.17') AS BLOB) WHERE sequence = 3",
            ["manifest 3 was altered: its bytes no longer have the stored SHA-256"],
        ),
        ("UPDATE manifests SET signature = NULL WHERE sequence = 3", ["manifest 3: its signature by key"]),
        (
            "UPDATE manifests SET signature = zeroblob(64) WHERE sequence = 3",
            ["is invalid: the manifest or the signature was altered"],
        ),
        ("UPDATE manifests SET stamp = x'30', stamped = 1 WHERE sequence = 3", ["its time stamp is invalid"]),
        (
            "UPDATE manifests SET case_id = 1 WHERE sequence = 3",
            ["manifest 3 and its database row disagree about its place in the chain, its capture or its case"],
        ),
        (
            "UPDATE manifests SET previous = 'x' WHERE sequence = 3",
            ["does not name manifest 2 as the one before it", "and its database row disagree"],
        ),
        (
            "UPDATE chain_heads SET sha256 = 'x' WHERE name = 'manifests'",
            ["is not the one that the chain's head names"],
        ),
        (
            "UPDATE captures SET capture_json = replace(capture_json, '203.0.113.7', '203.0.113.8') WHERE id = 2",
            ["manifest 2: capture 2 was altered in the database after it was sealed"],
        ),
        (
            "UPDATE handovers SET destination = '/elsewhere' WHERE sequence = 1",
            ["entry 1 of the custody log was altered"],
        ),
        ("UPDATE handovers SET actor = 'bob' WHERE sequence = 2", ["entry 2 of the custody log was altered"]),
        (
            "UPDATE captures SET decision = 'clear' WHERE id = 2",
            ["capture 2 was altered in the database: it is clear"],
        ),
        (
            "UPDATE captures SET probability = 0.1 WHERE id = 2",
            ["it is flagged for paypal 0.10, and was sealed as flagged"],
        ),
        (
            "UPDATE captures SET brand = NULL WHERE id = 2",
            [
                "the verdict of capture 2 was altered in the database",
                "case 2 is about paypal, and the verdict of its capture about None",
            ],
        ),
        (
            "UPDATE captures SET verdict_json = replace(verdict_json, '0.97', '0.17') WHERE id = 3",
            ["manifest 3: the verdict of capture 3 was altered in the database"],
        ),
        (
            "UPDATE captures SET verdict_json = '{' WHERE id = 3",
            ["capture 3 was altered in the database: it cannot"],
        ),
        (
            "UPDATE cases SET state = 'dismissed' WHERE id = 1",
            ["case 1 is dismissed in its row, and new by the custody log"],
        ),
        (
            "UPDATE custody SET state_after = 'down' WHERE case_id = 1",
            ["case 1 is new in its row, and down by the custody log"],
        ),
        ("DELETE FROM custody WHERE case_id = 4", ["case 4: the custody log does not know it"]),
        (
            "UPDATE cases SET brand = 'dhl' WHERE id = 1",
            ["case 1 is about dhl, and the verdict of its capture about paypal"],
        ),
        ("DELETE FROM handovers WHERE sequence = 1", ["entry 1 is missing from the custody log"]),
        ("DELETE FROM handovers WHERE sequence = 2", ["entry 2 is missing from the end of the custody log"]),
    ],
)
def test_tampering_with_the_database_is_named(full: Desk, statement: str, sentences: list[str]) -> None:
    problems = tamper(full, statement).problems
    assert len(problems) == len(sentences)
    assert all(said in problem for said, problem in zip(sentences, problems, strict=True))


def test_a_chain_that_was_written_anew_does_not_have_the_sha256_that_was_noted(full: Desk) -> None:
    noted = list(full.store.chain.manifests())[2].sha256
    assert check_store(full.store, full.evidence, TrustAnchors(sha256=noted)).problems == []
    assert tamper(full, "DELETE FROM manifests WHERE sequence > 2").problems
    tamper(full, "UPDATE chain_heads SET sequence = 2, sha256 = (SELECT sha256 FROM manifests WHERE sequence = 2)"
                 " WHERE name = 'manifests'")  # fmt: skip
    assert check_store(full.store, full.evidence).problems == []
    [problem] = check_store(full.store, full.evidence, TrustAnchors(sha256=noted)).problems
    assert "the chain was cut or rewritten" in problem


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


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "DELETE FROM deliveries WHERE case_id = 2",
            "handover of case 2 to {where} is in the custody log, and its row is gone",
        ),
        (
            "UPDATE deliveries SET destination = 'x' WHERE case_id = 2",
            "handover of case 2 to x at {at} is not in the custody log",
        ),
        ("UPDATE deliveries SET case_id = 3, number = 9 WHERE case_id = 2", "handover of case 3 to {where} is not in"),
        (
            "UPDATE deliveries SET withdrawal = 1 WHERE case_id = 2",
            "withdrawal of case 2 to {where} is not in the custody log",
        ),
    ],
)
def test_a_delivery_that_was_altered_in_its_row_is_named(full: Desk, tmp_path: Path, statement: str, said: str) -> None:
    export_cases(full.store, full.evidence, FolderSink(tmp_path / "queue"), rules=ANY)
    [row] = [step for step in full.store.deliveries.find() if step.case_id == 2]
    problems = tamper(full, statement).problems
    wanted = said.format(where=f"{row.destination} at {row.at:%F %T}", at=f"{row.at:%F %T}")
    assert any(wanted in problem for problem in problems), problems
