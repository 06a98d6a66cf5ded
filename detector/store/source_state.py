"""State of sources between runs: how far each has read, and what it has learned, under typed keys of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from detector.model import utcnow
from detector.store.columns import encode, storable
from detector.store.engine import Database, insert_for
from detector.store.models import SourceStateRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceKey(Generic[T]):
    """Name of a value that a source keeps, with the type of the value and its form as text."""

    name: str
    encode: Callable[[T], str]
    decode: Callable[[str], T]
    """Raises ValueError, KeyError, TypeError, AttributeError or MsgspecError for a text that :attr:`encode` did not write."""


def text_key(name: str) -> SourceKey[str]:
    """Key of a text, which is kept as it is."""
    return SourceKey(name, str, str)


def time_key(name: str) -> SourceKey[datetime]:
    """Key of a time, which is kept in ISO 8601."""
    return SourceKey(name, datetime.isoformat, datetime.fromisoformat)


def json_key(name: str, kind: type[T]) -> SourceKey[T]:
    """Key of anything that msgspec can encode, which is kept as JSON; lone surrogates become U+FFFD."""
    return SourceKey(name, encode, msgspec.json.Decoder(kind).decode)


class SourceStates:
    """Values that sources keep between runs; every operation is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def put(self, source: str, key: SourceKey[T], value: T) -> None:
        """Keep a value under a key of a source, in place of the one before."""
        with self._database.write() as connection:
            put(connection, source, key.name, key.encode(value), utcnow())

    def get(self, source: str, key: SourceKey[T]) -> T | None:
        """Read the value under a key of a source; None where there is none.

        Raises:
            ValueError: the stored text is none that the key writes.
        """
        query = select(SourceStateRow.value).where(SourceStateRow.source == source, SourceStateRow.key == key.name)
        with self._database.read() as connection:
            text = connection.execute(query).scalar()
        return None if text is None else _decoded(source, key, text)

    def by_source(self, key: SourceKey[T]) -> dict[str, T]:
        """Values under ``key`` of every source that has one, by source, in the order of their names.

        Raises:
            ValueError: a stored text is none that the key writes.
        """
        query = (
            select(SourceStateRow.source, SourceStateRow.value)
            .where(SourceStateRow.key == key.name)
            .order_by(SourceStateRow.source)
        )
        with self._database.read() as connection:
            return {row.source: _decoded(row.source, key, row.value) for row in connection.execute(query)}

    def forget(self, source: str, before: datetime) -> int:
        """Delete the values that a source has last put before ``before``; the number deleted."""
        with self._database.write() as connection:
            old = delete(SourceStateRow).where(SourceStateRow.source == source, SourceStateRow.updated < before)
            return connection.execute(old).rowcount


def put(connection: Connection, source: str, key: str, value: str, now: datetime) -> None:
    """Keep the text of a value in the caller's transaction; see :meth:`SourceStates.put`."""
    add = insert_for(connection)(SourceStateRow)
    add = add.on_conflict_do_update(
        index_elements=[SourceStateRow.source, SourceStateRow.key],
        set_={"value": add.excluded.value, "updated": add.excluded.updated},
    )
    connection.execute(add, [{"source": source, "key": key, "value": storable(value), "updated": now}])


def _decoded(source: str, key: SourceKey[T], text: str) -> T:
    try:
        return key.decode(text)
    except (ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError) as error:
        raise ValueError(f"the value stored under {key.name!r} of source {source} is malformed: {error}") from error
