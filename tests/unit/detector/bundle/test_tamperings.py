"""Every way of tampering with the database in ``tests/cases/tamperings.yml`` is named by the check."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.jobs.time_stamping import stamp_pending
from detector.bundle import StoreCheck, TrustAnchors, check_store, make_key, vouching_sentences
from detector.canonical_json import canonical_json
from detector.config import EvidenceConfig
from detector.evidence import Evidence
from detector.model import CaseState, Phone, PhoneSource
from detector.store import Store
from detector.store.chains.heads import GENESIS
from detector.store.migrations import VERSION_TABLE
from detector.takedown import FolderSink, export_cases
from tests.support.store.builders import CLEAR, capture, flagged
from tests.support.store.evidence import Desk, desk, make_authority

CASES = Path(__file__).parents[3] / "cases" / "tamperings.yml"
TAMPERINGS: list[dict[str, Any]] = yaml.safe_load(CASES.read_text())
NAME = "clonewatch.sqlite"


@pytest.fixture(scope="module")
def desk_at_work(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The store that the cases describe, closed to writers."""
    folder = tmp_path_factory.mktemp("tamperings")
    with desk(folder / "ws", make_key(folder / "key.pem")) as opened:
        _work(opened, folder)
        with make_authority(folder / "ca").serving() as authority:
            stamp_pending(
                opened.store, EvidenceConfig(timestamp_url=authority.url, timestamp_roots=str(authority.roots))
            )
        opened.store.cases.move(1, CaseState.CONFIRMED, actor="ann", comment="called the hoster")
    with closing(sqlite3.connect(folder / "ws" / NAME)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").close()
    return opened


def _work(opened: Desk, folder: Path) -> None:
    phones = tuple(Phone(f"+1800555010{number}", f"800 555 010{number}", PhoneSource.TEXT, "US") for number in (1, 2))
    for number in range(4):
        seen, verdict = capture(f"https://h{number}.example/", address="203.0.113.7", phones=phones), flagged()
        opened.store.record(seen, verdict, seal=opened.sealer.prepare(seen, verdict))
    opened.store.record(capture("https://innocent.example/"), CLEAR)
    cases = opened.store.cases
    cases.move_all((1, 3), CaseState.CONFIRMED, actor="ann", comment="sure")
    cases.move(2, CaseState.IN_REVIEW, actor="cleo")
    cases.move(2, CaseState.IN_REVIEW, actor="cleo", comment="ask the bank")
    opened.export(1, folder / "out")
    export_cases(opened.store, opened.evidence, FolderSink(folder / "queue"), actor="bert")
    cases.move(3, CaseState.DISMISSED, actor="cleo", comment="a partner's page")
    export_cases(opened.store, opened.evidence, FolderSink(folder / "queue"), actor="bert")


def _check(opened: Desk, folder: Path, *statements: str, trust: TrustAnchors | None = None) -> StoreCheck:
    """Copy the database, change the copy behind the program's back, and check it."""
    copy = folder / NAME
    if not copy.exists():
        shutil.copyfile(opened.folder / NAME, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.create_function("sha256", 1, lambda data: hashlib.sha256(data).hexdigest())
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, f"changes nothing: {statement}"
    key = opened.key.public if opened.key else None
    with Store.open(copy) as store:
        return check_store(store, Evidence(str(opened.folder / "evidence")), trust, own_key=key)


def test_what_nobody_altered_is_intact_and_says_what_is_anchored(desk_at_work: Desk, tmp_path: Path) -> None:
    result = _check(desk_at_work, tmp_path)
    assert result.problems == []
    last = result.journal.head[0]
    assert (result.manifests, result.signed, result.stamped, result.journal.entries) == (4, 4, 4, last)
    anchored, loose = vouching_sentences(result.journal)
    # the note of its own stamp, the case and the comment of the last decision
    assert result.journal.anchored == last - 3
    assert anchored.startswith(f"Anchored outside: entries 1 to {last - 3} of the journal (stamped 20")
    assert loose.startswith(f"Anchored by nobody outside yet: entries {last - 2} to {last} of the journal.")


@pytest.mark.parametrize("case", TAMPERINGS, ids=[case["name"].replace(" ", "-") for case in TAMPERINGS])
def test_tampering_is_named(desk_at_work: Desk, tmp_path: Path, case: dict[str, Any]) -> None:
    problems = _check(desk_at_work, tmp_path, *case["do"]).problems
    for said in case["said"]:
        assert any(said in problem for problem in problems), (said, problems)


def _written_anew(copy: Path) -> None:
    """Write the journal anew from the first entry, as somebody can who has the database, this program and no key."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        previous = GENESIS
        rows = connection.execute("SELECT sequence, entry FROM journal ORDER BY sequence").fetchall()
        for sequence, entry in rows:
            plain = json.loads(entry) | {"previous": previous, "signer": None}
            if plain["row"].get("actor") == "ann":
                plain["row"]["actor"] = "bob"
            forged = canonical_json(plain)
            previous = hashlib.sha256(forged).hexdigest()
            connection.execute(
                "UPDATE journal SET entry = ?, sha256 = ?, previous = ?, signature = NULL WHERE sequence = ?",
                (forged, previous, plain["previous"], sequence),
            )
        connection.execute("UPDATE custody SET actor = 'bob' WHERE actor = 'ann'")
        connection.execute("UPDATE journal SET stamp = NULL, stamped = NULL")
        connection.execute("UPDATE chain_heads SET sha256 = ? WHERE name = 'journal'", (previous,))


def test_a_journal_that_was_written_anew_is_not_what_somebody_outside_knows(desk_at_work: Desk, tmp_path: Path) -> None:
    with desk_at_work.store.journal.snapshot() as snapshot:
        noted = [record.sha256 for record in snapshot.records()][9]
    trust = TrustAnchors(sha256=noted)
    known = _check(desk_at_work, tmp_path, trust=trust)
    assert (known.problems, known.journal.noted) == ([], True)
    _written_anew(tmp_path / NAME)
    key = desk_at_work.key.public if desk_at_work.key else None
    for trust, said in (
        (
            TrustAnchors(sha256=noted),
            f"no entry of the journal has the SHA-256 {noted}: the chain was cut or rewritten",
        ),
        (TrustAnchors(public_key=key), "of the journal: not signed, although a trusted key was given"),
    ):
        problems = _check(desk_at_work, tmp_path, trust=trust).problems
        assert any(said in problem for problem in problems), problems
    # without either, the time stamp that is gone is named, and the reader is told that nobody outside knows any entry
    forged = _check(desk_at_work, tmp_path)
    assert any("of journal entry" in problem for problem in forged.problems)
    assert any(
        said.startswith("Anchored by nobody outside yet: entries 1 to") for said in vouching_sentences(forged.journal)
    )


def test_entries_after_a_signed_one_must_be_signed_where_there_is_a_key(desk_at_work: Desk, tmp_path: Path) -> None:
    _check(desk_at_work, tmp_path)
    with Store.open(tmp_path / NAME) as store:
        before = store.journal.head()[0]
        store.cases.move(4, CaseState.DISMISSED, actor="mallory")
    [problem] = _check(desk_at_work, tmp_path).problems
    assert problem.startswith(f"entries {before + 1} to {before + 2} of the journal: not signed, although entry 1 is")


def test_a_journal_that_was_removed_to_be_taken_in_anew_says_so(desk_at_work: Desk, tmp_path: Path) -> None:
    noted = desk_at_work.store.journal.head()[1]
    _check(
        desk_at_work,
        tmp_path,
        "DROP TABLE journal",
        "ALTER TABLE cases DROP COLUMN named",
        "DELETE FROM chain_heads WHERE name = 'journal'",
        "ALTER TABLE deliveries DROP COLUMN line",
        "ALTER TABLE deliveries DROP COLUMN body_sha256",
        f"UPDATE {VERSION_TABLE} SET version_num = '0009'",
        "UPDATE custody SET actor = 'bob' WHERE actor = 'ann'",
    )
    said = " ".join(vouching_sentences(_check(desk_at_work, tmp_path).journal))
    assert "Anchored by nobody outside yet: entries 1 to" in said
    assert "Taken in from an older version: entries 1 to" in said
    [problem] = _check(desk_at_work, tmp_path, trust=TrustAnchors(sha256=noted)).problems
    assert "the chain was cut or rewritten" in problem
