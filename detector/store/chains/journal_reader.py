"""The journal as :attr:`detector.store.Store.journal`: read back, time-stamped, and compared with the rows that it tells of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.store.chains import heads, journal
from detector.store.chains.evidence_rows import JournalRow
from detector.store.chains.journal import JOURNALED, PlainRow
from detector.store.chains.structure import structure_problems
from detector.store.engine import Database

PAGE = 500


class EntrySigner(msgspec.Struct, frozen=True, kw_only=True):
    """The key that signs: where an entry names one and has no signature, the signature was lost."""

    algorithm: str
    public_key: str
    """32 bytes in hexadecimal digits."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry: what a row holds since then."""

    schema: str
    sequence: int
    previous: str
    at: str
    table: str
    key: int
    row: dict[str, Any] | None
    signer: EntrySigner | None = None
    taken_in: bool = False
    """The row was there before the journal was: nothing vouches for what happened to it before."""


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """An entry as the store keeps it."""

    sequence: int
    sha256: str
    previous: str
    signature: bytes | None
    stamped: datetime | None
    stamp: bytes | None
    """An RFC 3161 response, DER."""
    entry: bytes


@dataclass(frozen=True, slots=True)
class JournalSnapshot:
    """The journal and the rows that it tells of, as they are at one moment."""

    connection: Connection

    def head(self) -> tuple[int, str]:
        """Sequence number and SHA-256 of the last entry; 0 and zeros where there is none."""
        return heads.head(self.connection, heads.JOURNAL)

    def records(self) -> Iterator[JournalRecord]:
        """All entries, oldest first."""
        after = -1
        while page := _records(self.connection, after):
            yield from page
            after = page[-1].sequence

    def structure(self) -> Iterator[str]:
        """Sentences about the database's own structure, where it is not this program's."""
        return structure_problems(self.connection)

    def keys(self, table: str) -> set[int]:
        """Keys of the rows of a table that must have an entry."""
        return set(journal.relied_on(self.connection, table))

    def rows(self, table: str, keys: Collection[int]) -> dict[int, PlainRow]:
        """Rows of a table by their keys."""
        return journal.plain_rows(self.connection, table, keys)

    def entries(self, sequences: Collection[int]) -> dict[int, bytes]:
        """Entries by their sequence numbers."""
        query = select(JournalRow.sequence, JournalRow.entry).where(JournalRow.sequence.in_(sequences))
        return {row.sequence: row.entry for row in self.connection.execute(query)}


class Journal:
    """The journal; every operation is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    @contextmanager
    def snapshot(self) -> Iterator[JournalSnapshot]:
        """Read journal and rows as they are at one moment; others may go on writing."""
        with self._database.read() as connection:
            yield JournalSnapshot(connection)

    def head(self) -> tuple[int, str]:
        """Sequence number and SHA-256 of the last entry; 0 and zeros where there is none."""
        with self._database.read() as connection:
            return heads.head(connection, heads.JOURNAL)

    def unstamped(self) -> JournalRecord | None:
        """The last entry, where anything but a note of a time stamp was written since the last one that has a stamp."""
        with self._database.read() as connection:
            last = select(func.max(JournalRow.sequence)).where(JournalRow.stamped.is_not(None))
            since = _records(connection, connection.execute(last).scalar() or 0, limit=2)
            if not any(_is_news(record) for record in since):
                return None
            query = select(JournalRow).order_by(JournalRow.sequence.desc()).limit(1)
            return _record(connection.execute(query).mappings().one())

    def add_stamp(self, sequence: int, stamp: bytes, stamped: datetime) -> bool:
        """Keep the time stamp of an entry; False where it has one already, which stays."""
        change = update(JournalRow).where(JournalRow.sequence == sequence, JournalRow.stamped.is_(None))
        with self._database.write() as connection:
            if connection.execute(change.values(stamp=stamp, stamped=stamped)).rowcount != 1:
                return False
            journal.note(connection, JournalRow, sequence)
            return True


def read_entry(data: bytes) -> JournalEntry:
    """Decode an entry.

    Raises:
        ValueError: it is none; the message says why, as a clause.
    """
    try:
        entry = msgspec.json.decode(data, type=JournalEntry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"it cannot be read ({error})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if entry.schema != journal.SCHEMA or entry.table not in JOURNALED:
        raise ValueError(f"it is of another kind than {journal.SCHEMA}, or of an unknown table")
    return entry


def _is_news(record: JournalRecord) -> bool:
    try:
        return read_entry(record.entry).table != JournalRow.__tablename__
    except ValueError:
        return True


def _records(connection: Connection, after: int, limit: int = PAGE) -> list[JournalRecord]:
    query = select(JournalRow).where(JournalRow.sequence > after).order_by(JournalRow.sequence).limit(limit)
    return [_record(row) for row in connection.execute(query).mappings()]


def _record(row: RowMapping) -> JournalRecord:
    return JournalRecord(**{name: row[name] for name in JournalRecord.__dataclass_fields__})
