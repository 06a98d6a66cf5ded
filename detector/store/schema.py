"""Create a database's schema or migrate it to this program's, also where several programs do so at once."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import column, false, inspect, select, table, text, update
from sqlalchemy.engine import Connection

from detector.errors import StoreError
from detector.model import utcnow
from detector.store.chains.journal import take_in
from detector.store.engine import Database
from detector.store.migrations import ACCOUNTS_REVISION, HEAD, JOURNAL_REVISION, REVISIONS, VERSION_TABLE
from detector.store.migrations.accounts import tell_accounts_apart

# Alembic keeps its context in a module's globals: one thread of a process at a time
_alembic = threading.Lock()
_ADVISORY_KEY = 0x636C6F6E6577  # "clonew"


def bring_up(database: Database) -> None:
    """Create or migrate the schema in one transaction under the write lock: a second program waits and then finds it done.

    Raises:
        StoreError: the database belongs to another program or to a newer clonewatch, or refuses to be written.

    A database that is open for reading only must have this program's schema already.
    """
    if database.read_only:
        with database.read() as connection:
            if _revision(connection, database.name) == HEAD:
                return
        raise StoreError(
            f"{database.name} is read-only, and of another version of clonewatch; give yourself write permission on the file and "
            "its folder, or use a copy that can be written"
        )
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
        current = _revision(connection, database.name)
        if current == HEAD:
            _prove_writable(connection)
            return
        if current is not None and current not in REVISIONS:
            raise StoreError(
                f"{database.name} has schema {current}, and this program knows up to {HEAD}: a newer clonewatch wrote it; "
                "update this one, or name another workspace"
            )
        upgrade(connection)
        if current is not None and current < JOURNAL_REVISION:
            take_in(connection)
        if current is not None and current < ACCOUNTS_REVISION:
            tell_accounts_apart(connection, utcnow())


def upgrade(connection: Connection) -> None:
    """Run the migrations that ``connection``'s database lacks, inside its transaction."""
    from alembic import command  # noqa: PLC0415  a fifth of a second that only the first opening pays
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # Config interpolates as ConfigParser does: a percent sign in the path is doubled
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    with _alembic:
        command.upgrade(config, "head")


def _prove_writable(connection: Connection) -> None:
    # SQLite begins even an immediate transaction on a read-only file; an update of no row is refused at once
    versions = table(VERSION_TABLE, column("version_num"))
    connection.execute(update(versions).where(false()).values(version_num=HEAD))


def _revision(connection: Connection, name: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        versions = table(VERSION_TABLE, column("version_num"))
        revision = connection.execute(select(versions.c.version_num)).scalar()
        if revision is None and len(tables) > 1:
            raise StoreError(
                f"{name} is damaged: its table {VERSION_TABLE} is empty; put a backup in its place, or move it away and start "
                "with an empty one"
            )
        return revision
    if tables and connection.dialect.name == "sqlite":
        shown = ", ".join(sorted(tables)[:3])
        raise StoreError(f"{name} belongs to another program (it holds {shown}); name another workspace")
    return None
