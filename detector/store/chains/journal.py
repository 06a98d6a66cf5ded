"""The journal: a hash chain with an entry for each change of a row that somebody relies on.

Verdicts that open cases, the cases, what people and the program did to them, what left the house, manifests and their time stamps:
whoever writes such a row notes it (:func:`note`).  At the end of the transaction each noted row is read as the database has it and
becomes an entry: a change and its entry are stored together or not at all, and writers hold the journal's head only while they
commit.  ``clonewatch evidence check`` compares the rows with the entries.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any, Protocol

from sqlalchemy import Select, bindparam, column, insert, or_, select, table
from sqlalchemy.engine import Connection

from detector.canonical_json import MAX_SAFE_INTEGER, canonical_json
from detector.model import Decision, to_builtins, utcnow
from detector.program import program_name
from detector.store.chains.evidence_rows import HandoverRow, JournalRow, ManifestRow
from detector.store.chains.heads import JOURNAL, advance, lock_head
from detector.store.columns import MomentColumn
from detector.store.models import (
    CaptureRow,
    CaseRow,
    CustodyRow,
    DeliveryRow,
    PhoneRow,
    PhoneSightingRow,
    TableBase,
)

SCHEMA = "clonewatch.journal/1"
MAX_TEXT = 1024
"""Characters of a text that an entry holds; of a longer one it holds the SHA-256."""
MAX_BYTES = 64
BATCH = 500
_TABLES = (
    CaptureRow, PhoneRow, PhoneSightingRow, CaseRow, CustodyRow, ManifestRow, HandoverRow, DeliveryRow, JournalRow,
)  # fmt: skip
_COLUMNS: Mapping[str, Sequence[str]] = {
    row.__tablename__: [each.name for each in row.__table__.columns] for row in _TABLES
} | {JournalRow.__tablename__: ["sequence", "stamped", "stamp"]}
_KEYS: Mapping[str, str] = {row.__tablename__: row.__mapper__.primary_key[0].name for row in _TABLES}
JOURNALED: tuple[str, ...] = tuple(_COLUMNS)
"""Tables whose rows have entries; of the journal itself, the time stamps."""
MOMENTS: frozenset[tuple[str, str]] = frozenset(
    (row.__tablename__, each.name)
    for row in _TABLES
    for each in row.__table__.columns
    if isinstance(each.type, MomentColumn)
)
"""Tables and columns that hold moments, as microseconds since 1970."""
_NOTED, _TAKEN_IN = "clonewatch_noted", "clonewatch_taken_in"
PlainRow = dict[str, Any]
"""A row's columns by name, each as plain data."""


class JournalSigner(Protocol):
    """A key that signs entries."""

    @property
    def public(self) -> bytes:
        """32 bytes of the public key (Ed25519)."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; 64 bytes."""
        ...


SignerSource = Callable[[], JournalSigner]
"""Gives the key when the first entry is written: loading it takes longer than reading a store."""


def begin_notes(connection: Connection) -> None:
    """Forget what an earlier transaction on the same connection had noted."""
    connection.info[_NOTED] = {}
    connection.info[_TAKEN_IN] = False


def note(connection: Connection, kind: type[TableBase], *keys: int) -> None:
    """Have the transaction write an entry for each of these rows when it ends."""
    connection.info[_NOTED].update(dict.fromkeys((kind.__tablename__, key) for key in keys))


def note_capture(connection: Connection, capture_id: int) -> None:
    """Note a capture and the telephone numbers that were seen on it."""
    note(connection, CaptureRow, capture_id)
    seen = select(PhoneSightingRow.id, PhoneSightingRow.phone_id).where(PhoneSightingRow.capture_id == capture_id)
    for sighting, phone in connection.execute(seen.order_by(PhoneSightingRow.id)).all():
        note(connection, PhoneRow, phone)
        note(connection, PhoneSightingRow, sighting)


def take_in(connection: Connection) -> None:
    """Note every row of a database from before the journal; the entries say that nothing vouches for what was before them."""
    for name in JOURNALED:
        connection.info[_NOTED].update(dict.fromkeys((name, key) for key in sorted(relied_on(connection, name))))
    connection.info[_TAKEN_IN] = True


def append_notes(connection: Connection, signer: SignerSource | None) -> None:
    """Write an entry for each noted row: the last thing that a transaction does."""
    noted: dict[tuple[str, int], None] = connection.info.pop(_NOTED)
    if not noted:
        return
    key = signer() if signer else None
    named = {"algorithm": "Ed25519", "public_key": key.public.hex()} if key else None
    sequence, previous = lock_head(connection, JOURNAL)
    said = {"schema": SCHEMA, "at": to_builtins(utcnow()), "program": program_name(), "signer": named}
    if connection.info[_TAKEN_IN]:
        said["taken_in"] = True
    everything = list(noted)
    for start in range(0, len(everything), BATCH):
        batch, links = everything[start : start + BATCH], []
        rows = {name: plain_rows(connection, name, [key for other, key in batch if other == name]) for name, _ in batch}
        for name, row_key in batch:
            sequence += 1
            place = {"sequence": sequence, "previous": previous, "table": name, "key": row_key}
            entry = canonical_json(said | place | {"row": rows[name].get(row_key)})
            link = {"sequence": sequence, "previous": previous, "sha256": hashlib.sha256(entry).hexdigest()}
            links.append(link | {"entry": entry, "signature": key.sign(entry) if key else None})
            previous = str(link["sha256"])
        connection.execute(_INSERT, links)
    advance(connection, JOURNAL, sequence, previous)


def relied_on(connection: Connection, name: str) -> Iterator[int]:
    """Keys of the rows of a journaled table that must have an entry."""
    return iter(connection.execute(_RELIED_ON[name]).scalars())


def plain_rows(connection: Connection, name: str, keys: Collection[int]) -> dict[int, PlainRow]:
    """Rows of a journaled table by their keys, each value as the database has it, whatever it is."""
    query = _ROWS[name]
    names = query.selected_columns.keys()
    with _undecoded(connection):
        return {
            row[0]: {each: plain_value(value) for each, value in zip(names, row, strict=True)}
            for row in connection.execute(query, {"keys": list(keys)})
        }


def plain_value(value: Any) -> Any:
    """Turn a column's value into plain data with a canonical form; what is long is named by its SHA-256."""
    match value:
        case bool():
            return int(value)
        case int() if abs(value) > MAX_SAFE_INTEGER:
            return {"integer": str(value)}
        case float() if not isfinite(value):
            return {"float": str(value)}
        case str() if len(value) > MAX_TEXT:
            return {
                "sha256": hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest(),
                "characters": len(value),
            }
        case bytes() if len(value) > MAX_BYTES:
            return {"sha256": hashlib.sha256(value).hexdigest(), "bytes": len(value)}
        case bytes():
            return {"hex": value.hex()}
    return value


@contextmanager
def _undecoded(connection: Connection) -> Iterator[None]:
    """Have SQLite give texts that are not UTF-8 as bytes, where it would raise an error."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.text_factory = _text
    try:
        yield
    finally:
        driver.text_factory = str


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _bare(name: str) -> Select[*tuple[Any, ...]]:
    """Select rows by ``keys``; columns without types, the key first, so that damaged values are read as they are."""
    wanted = [_KEYS[name], *(each for each in _COLUMNS[name] if each != _KEYS[name])]
    bare = table(name, *(column(each) for each in wanted))
    chosen = bare.c[_KEYS[name]].in_(bindparam("keys", expanding=True))
    return select(*(bare.c[each] for each in wanted)).where(chosen)


# built once: every transaction runs some of them, and building them costs more than running them
_ROWS = {name: _bare(name) for name in JOURNALED}
_INSERT = insert(JournalRow)


def _relied_on() -> dict[str, Select[int]]:
    """Select the keys of rows that must have an entry: all of a table, but for captures and what hangs on them, and time stamps."""
    suspect = CaptureRow.decision.in_([str(Decision.FLAGGED), str(Decision.REVIEW)])
    sealed = CaptureRow.id.in_(select(ManifestRow.capture_id))
    captures = select(CaptureRow.id).where(or_(suspect, sealed, CaptureRow.id.in_(select(CaseRow.capture_id))))
    seen = PhoneSightingRow.capture_id.in_(captures)
    stamped = or_(JournalRow.stamped.is_not(None), JournalRow.stamp.is_not(None))
    everything = {name: select(_ROWS[name].selected_columns[_KEYS[name]]) for name in JOURNALED}
    return everything | {
        CaptureRow.__tablename__: captures,
        PhoneSightingRow.__tablename__: select(PhoneSightingRow.id).where(seen),
        PhoneRow.__tablename__: select(PhoneRow.id).where(
            PhoneRow.id.in_(select(PhoneSightingRow.phone_id).where(seen))
        ),
        JournalRow.__tablename__: select(JournalRow.sequence).where(stamped),
    }


_RELIED_ON = _relied_on()
