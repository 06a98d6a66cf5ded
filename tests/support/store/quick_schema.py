"""New SQLite databases in a few milliseconds: with the statements that the migrations came to, instead of the migrations.

Nearly every test opens a new workspace, and all migrations in turn take a tenth of a second of CPU time.  The statements
are read from a database that this run has migrated, so that a new migration needs nothing here; databases that are not empty, and
PostgreSQL's, are migrated as users' are.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from detector.store import schema
from detector.store.engine import Database
from detector.store.migrations import VERSION_TABLE

migrate = schema.upgrade


def quick_upgrade(connection: Connection) -> None:
    """Take the place of :func:`detector.store.schema.upgrade`."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        migrate(connection)
        return
    for statement in _statements():
        connection.exec_driver_sql(statement)


@cache
def _statements() -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.sqlite"
        database = Database(f"sqlite:///{path}")
        try:
            with database.write() as connection:
                migrate(connection)
        finally:
            database.close()
        with closing(sqlite3.connect(path)) as migrated:
            rows = migrated.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
            values = list(migrated.iterdump())
    # tables that migrations fill, and the revision
    filled = [line for line in values if line.startswith("INSERT INTO") and "sqlite_" not in line.split("(")[0]]
    assert any(VERSION_TABLE in line for line in filled)
    return tuple(sql for (sql,) in rows if not sql.startswith("CREATE TABLE sqlite_")) + tuple(filled)
