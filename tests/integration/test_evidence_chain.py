"""The evidence chain with several programs at once, SIGKILL at every step, a full disk, and databases of earlier versions."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import detector.store.migrations
from detector.bundle import check_store, sealed_case, verify_bundle
from detector.bundle.evidence_manifest import read_manifest
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import to_json
from tests.support.disk import fill, mounted_disk
from tests.support.store.builders import capture, flagged, python
from tests.support.store.evidence import DATABASE, Desk, desk

SEAL_MANY = """
import sys
from pathlib import Path
from tests.support.store.evidence import desk
with desk(Path(sys.argv[1])) as opened:
    for number in range(15):
        opened.add(f"h{sys.argv[2]}-{number}.example", size=1000)
        opened.export(1, Path(sys.argv[1]) / "out", actor=sys.argv[2])
"""

SEAL_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from tests.support.store.evidence import desk
with desk(Path(sys.argv[1])) as opened:
    for number in count():
        opened.add(f"h{sys.argv[2]}-{number}.example", size=1000)
        print(f"h{sys.argv[2]}-{number}.example", flush=True)
"""

DIE_WITHIN_THE_TRANSACTION = """
import os, signal, sys
from pathlib import Path
from detector.store.chains import chain
from tests.support.store.evidence import desk
step = sys.argv[2]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
assert hasattr(chain, "ChainLink") and hasattr(chain, "advance"), "or else nothing would be replaced"
if step == "seal":
    chain.ChainLink = die
elif step == "head":
    chain.advance = die
elif step == "journal":
    from detector.store.chains import journal
    journal.advance = die
with desk(Path(sys.argv[1])) as opened:
    if step == "commit":
        from sqlalchemy import event
        event.listen(opened.store._database._writing, "commit", die)
    opened.add("late.example", size=1000)
"""

DIE_IN_EXPORT = """
import os, signal, sys
from pathlib import Path
from tests.support.store.evidence import desk
left = int(sys.argv[2])
def dying(do):
    def step(*args, **named):
        global left
        result = do(*args, **named)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return step
os.fsync, os.rename = dying(os.fsync), dying(os.rename)
with desk(Path(sys.argv[1])) as opened:
    opened.export(1, Path(sys.argv[1]) / "out")
print("done")
"""


@pytest.fixture
def _either(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Desks on both kinds of databases."""
    monkeypatch.setenv(DATABASE, database)


@pytest.mark.ordeal
@pytest.mark.usefixtures("_either")
def test_four_programs_seal_into_one_chain(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        opened.add("first.example")
    processes = [python(SEAL_MANY, str(tmp_path), str(number)) for number in range(4)]
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 4
    with desk(tmp_path) as opened:
        result = check_store(opened.store, opened.evidence)
        assert result.problems == []
        assert (result.manifests, result.handovers, result.unsealed) == (61, 60, 0)
        assert result.head[0] == 61
        assert [record.sequence for record in opened.store.chain.manifests()] == list(range(1, 62))
    bundles = [path for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")]
    assert len(bundles) == 60
    assert verify_bundle(bundles[0]).intact


@pytest.mark.usefixtures("_either")
def test_sigkill_leaves_no_result_without_its_manifest(tmp_path: Path) -> None:
    said: list[str] = []
    for turn in range(3):
        writer = python(SEAL_FOR_EVER, str(tmp_path), str(turn))
        assert writer.stdout is not None
        said += [writer.stdout.readline().strip() for _ in range(3 + 4 * turn)]
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.communicate()[0].split()
    with desk(tmp_path) as opened:
        result = check_store(opened.store, opened.evidence)
        assert result.problems == []
        assert result.unsealed == 0
        sites = {read_manifest(record.manifest).site for record in opened.store.chain.manifests()}
        assert sites >= set(said)
        assert result.manifests == opened.store.counts()["captures"]


@pytest.mark.usefixtures("_either")
@pytest.mark.parametrize("step", ["seal", "head", "journal", "commit"])
def test_sigkill_within_the_transaction_takes_result_and_manifest_back(tmp_path: Path, step: str) -> None:
    with desk(tmp_path) as opened:
        opened.add("first.example")
    child = python(DIE_WITHIN_THE_TRANSACTION, str(tmp_path), step)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    with desk(tmp_path) as opened:
        assert [case.site for case in opened.store.cases.find()] == ["first.example"]
        assert opened.store.chain.head()[0] == 1
        opened.add("late.example")
        result = check_store(opened.store, opened.evidence)
        assert (result.problems, result.manifests) == ([], 2)


@pytest.mark.ordeal
def test_sigkill_at_every_step_of_an_export(tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    with desk(workspace) as opened:
        opened.add()
    for step in range(1, 100):
        child = python(DIE_IN_EXPORT, str(workspace), str(step))
        finished = child.communicate()[0] == "done\n"
        with desk(workspace) as opened:
            logged = len(opened.store.chain.handovers())
            assert check_store(opened.store, opened.evidence).problems == []
        bundles = [path for path in (workspace / "out").iterdir() if not path.name.endswith(".part")]
        assert logged >= len(bundles)
        assert all(verify_bundle(bundle).intact for bundle in bundles)
        if finished:
            break
    assert finished
    assert step > 10


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with mounted_disk("3m") as disk:
        yield disk


def test_a_full_disk_breaks_neither_chain_nor_log(small_disk: Path, tmp_path: Path) -> None:
    with desk(small_disk / "ws") as opened:
        opened.add("first.example")
        ballast = fill(small_disk, leave=300_000)
        with pytest.raises(EvidenceError, match="free some space"):
            _add_many(opened)
        with pytest.raises(EvidenceError, match="free some space, then export again: no evidence is lost"):
            opened.export(1, small_disk / "out")
        with pytest.raises(EvidenceError, match="free some space"):
            opened.export(1, small_disk / "out", as_zip=True)
        assert list((small_disk / "out").iterdir()) == []
        assert opened.store.chain.handovers() == []
        assert check_store(opened.store, opened.evidence).problems == []
        ballast.unlink()
        assert verify_bundle(opened.export(1, small_disk / "out")).intact
        opened.add("later.example")
        result = check_store(opened.store, opened.evidence)
        assert (result.problems, result.handovers) == ([], 1)


def test_a_database_from_before_the_chain(tmp_path: Path) -> None:
    """Captures as version 0.1 stored them, without the fields that came later, migrate and are sealed by their export."""
    path, evidence = tmp_path / "clonewatch.sqlite", Evidence(str(tmp_path / "evidence"))
    _first_schema(path)
    shot = evidence.put(b"\x89PNG old", "image/png")
    old = json.loads(to_json(capture("https://old.example/", screenshot=shot)))
    later = "address challenge clicks before_clicks dns phones bundle program others cloaked registration"
    for name in later.split():
        del old[name]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO captures VALUES (1, NULL, 'https://old.example/', x'00', 'https://old.example/', 'old.example', 'ok', "
            "'flagged', 'paypal', 0.97, 'desktop', 'scan', 0, 0, ?, ?, ?)",
            (shot.sha256, json.dumps(old), to_json(flagged()).decode()),
        )
        connection.execute(
            "INSERT INTO cases VALUES (1, 'old.example', 'paypal', 'new', 'flagged', 0.97, '[\"scan\"]', 0, 0, 1)"
        )
        connection.execute("INSERT INTO custody VALUES (1, 1, 0, 'clonewatch', NULL, 'new', '')")
    with desk(tmp_path) as opened:
        before = check_store(opened.store, opened.evidence)
        assert (before.problems, before.manifests, before.unsealed) == ([], 0, 1)
        bundle = opened.export(1, tmp_path / "out")
        assert verify_bundle(bundle).problems == []
        assert sorted(path.name for path in (bundle / "files").iterdir()) == ["record.json", "screenshot.png"]
        [again] = sealed_case(opened.store, opened.sealer, 1)
        assert again.sequence == 1
        after = check_store(opened.store, opened.evidence)
        assert (after.manifests, after.unsealed) == (1, 0)
        assert after.problems == []


def _add_many(opened: Desk) -> None:
    for number in range(20):
        opened.add(f"h{number}.example")


def _first_schema(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(detector.store.migrations.__file__).parent))
        config.set_main_option("path_separator", "newline")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "captures" in tables
    assert "manifests" not in tables
