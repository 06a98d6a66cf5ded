"""Opening a database: created, migrated, or refused with a message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

import detector.store.migrations
from detector.errors import StoreError
from detector.store import Store
from detector.store.migrations import HEAD, REVISIONS, VERSION_TABLE
from detector.store.models import TableBase
from tests.support.store.builders import CLEAR, capture

HEADER = b"SQLite format 3\0"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clonewatch.sqlite"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    Store.open(path).close()
    engine = create_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def test_migrations_build_exactly_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, TableBase.metadata) == []


def test_migrations_keep_the_constraints_and_index_columns_of_the_models(engine: Engine) -> None:
    """Compare what Alembic passes over on SQLite: keys, names and the order of index columns."""
    other = create_engine("sqlite://")
    with engine.connect() as migrated, other.connect() as modelled:
        TableBase.metadata.create_all(modelled)
        query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE :version AND sql IS NOT NULL")
        migrated_sql, modelled_sql = (
            {name: sorted(_squeeze(sql)) for name, sql in connection.execute(query, {"version": f"%{VERSION_TABLE}%"})}
            for connection in (migrated, modelled)
        )
    other.dispose()
    assert migrated_sql == modelled_sql


def _squeeze(sql: str) -> list[str]:
    """Clauses of a statement; a column that was added stands on one line with the one before it.

    A table that was built anew by a migration has its name in quotation marks.
    """
    return [
        part.strip(" ,\t")
        for line in sql.replace('"', "").replace("(", "(\n", 1).splitlines()
        for part in line.split(", ")
        if part.strip(" ,\t")
    ]


def test_revisions_are_those_of_the_scripts() -> None:
    folder = Path(detector.store.migrations.__file__).parent
    scripts = ScriptDirectory(str(folder))
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(REVISIONS))
    assert scripts.get_current_head() == HEAD


def test_opening_again_keeps_everything(path: Path) -> None:
    with Store.open(path) as store:
        capture_id = store.record(capture(), CLEAR)
    with Store.open(f"sqlite:///{path}") as store:
        assert [row[0] for row in store.captures.stream()] == [capture_id]


def test_sqlite_is_set_up_to_lose_nothing_and_to_let_readers_in(path: Path) -> None:
    with Store.open(path) as store, store._database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@pytest.mark.parametrize("content", [b"this is a text file, not a database\n" * 100, HEADER + b"\xff" * 4096])
def test_a_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"clonewatch\.sqlite (is not an SQLite database|is damaged)"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE moz_places (id)")
    with pytest.raises(StoreError, match=r"belongs to another program.*moz_places"):
        Store.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("moz_places",)]


def test_a_schema_newer_than_the_program(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"schema 9999.*a newer clonewatch wrote it"):
        Store.open(path)


def test_a_version_that_somebody_has_put_back(database: str) -> None:
    Store.open(database).close()
    engine = create_engine(database)
    for version in ("0009", "0003"):
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"))
        with pytest.raises(StoreError, match="it holds more than the version that it names; put a backup"):
            Store.open(database)
    engine.dispose()


def test_a_database_that_is_read_only(path: Path) -> None:
    Store.open(path).close()
    with pytest.raises(StoreError, match="is read-only; give yourself write permission"):
        Store.open(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_a_database_that_another_program_holds(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another program"):
            Store.open(f"sqlite:///{path}?timeout=0.05")
        other.execute("ROLLBACK")
    Store.open(path).close()


def test_a_write_that_meets_a_lock_fails_with_a_sentence_and_can_be_repeated(path: Path) -> None:
    with Store.open(f"sqlite:///{path}?timeout=0.05") as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked by another program"):
                store.record(capture(), CLEAR)
            assert list(store.captures.stream()) == []
            other.execute("ROLLBACK")
        store.record(capture(), CLEAR)
        assert store.counts()["captures"] == 1


def test_a_folder_that_is_missing_and_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened; check that its folder exists"):
        Store.open(tmp_path / "missing" / "clonewatch.sqlite")
    with pytest.raises(StoreError, match="cannot be opened; check that its folder exists"):
        Store.open(tmp_path)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not a database URL"),
        ("sqlite://", "in memory would be lost"),
        ("sqlite:///:memory:", "in memory would be lost"),
        ("postgresql+nodriver://u:secret@db.example/x", "no driver for it is installed"),
    ],
)
def test_urls_that_cannot_be_used(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["with space", "question?mark=1&x", "per%20cent", "hash#", "ünï"])
def test_odd_folder_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Store.open(folder / "clonewatch.sqlite") as store:
        store.record(capture(), CLEAR)
    assert sorted(path.name for path in folder.iterdir()) == ["clonewatch.sqlite"]
