"""State of sources between runs: how far each has read, and what it has learned, under keys of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from detector.model import utcnow
from detector.store.columns import storable
from detector.store.engine import Database, insert_for
from detector.store.models import MemoryRow


class SourceStates:
    """Values that sources keep between runs; every operation is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def put(self, source: str, key: str, value: str) -> None:
        """Keep a value under a key of a source, in place of the one before."""
        with self._database.write() as connection:
            put(connection, source, key, value, utcnow())

    def get(self, source: str, key: str) -> str | None:
        """The value under a key of a source; None where there is none."""
        query = select(MemoryRow.value).where(MemoryRow.source == source, MemoryRow.key == key)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def by_source(self, key: str) -> dict[str, str]:
        """Values under ``key`` of every source that has one, by source."""
        query = select(MemoryRow.source, MemoryRow.value).where(MemoryRow.key == key).order_by(MemoryRow.source)
        with self._database.read() as connection:
            return {row.source: row.value for row in connection.execute(query)}

    def forget(self, source: str, before: datetime) -> int:
        """Delete the values that a source has last put before ``before``; the number deleted."""
        with self._database.write() as connection:
            old = delete(MemoryRow).where(MemoryRow.source == source, MemoryRow.updated < before)
            return connection.execute(old).rowcount


def put(connection: Connection, source: str, key: str, value: str, now: datetime) -> None:
    """Do the same as :meth:`SourceStates.put` in the caller's transaction."""
    add = insert_for(connection)(MemoryRow)
    add = add.on_conflict_do_update(
        index_elements=[MemoryRow.source, MemoryRow.key],
        set_={"value": add.excluded.value, "updated": add.excluded.updated},
    )
    connection.execute(add, [{"source": source, "key": key, "value": storable(value), "updated": now}])
