"""Rows that hold what this program never stores: decoded in one place, left out, and told at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from sqlalchemy import BigInteger, Text, func, not_, or_, select, type_coerce
from sqlalchemy.engine import Connection

from detector.errors import StoreError
from detector.model import from_json
from detector.store.columns import FIRST, LAST, MomentColumn, WordsColumn
from detector.store.models import TableBase

REMEDY = "put a backup in its place, or correct or delete that row with a database client"
SHOWN = 10
"""Damaged rows that a sentence names."""
T = TypeVar("T")


class DamagedRow(StoreError):
    """A row that cannot be read, although the database can.

    ``row`` names it and what is wrong with it, such as ``case 5 ('eaten' is not a valid CaseState)``.
    """

    def __init__(self, row: str) -> None:
        self.row = row
        super().__init__(f"the database is damaged: {row}; {REMEDY}")


class DamageLog:
    """Damaged rows that were left out while this process read others; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, None] = {}

    def add(self, damaged: DamagedRow) -> None:
        """Note a row that is left out; the same one counts once."""
        with self._lock:
            self._rows[damaged.row] = None

    def taken(self) -> str:
        """Say which rows were left out, and what to do, and forget them; empty where there were none."""
        with self._lock:
            rows = list(self._rows)
            self._rows.clear()
        if not rows:
            return ""
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        were = "row was" if len(rows) == 1 else "rows were"
        return f"the database is damaged: {len(rows)} {were} left out: {'; '.join(rows[:SHOWN])}{more}; {REMEDY}"


LEFT_OUT = DamageLog()
"""The log of this process: a command line ends with its sentence, and not with 0."""


@contextmanager
def stored_row(table: str, row_id: object) -> Iterator[None]:
    """Turn errors of decoding what a row holds into :class:`DamagedRow`, which names ``table`` and ``row_id``."""
    try:
        yield
    except RecursionError as error:
        raise DamagedRow(f"{table} {row_id} (it nests too deeply)") from error
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError) as error:
        raise DamagedRow(f"{table} {row_id} ({' '.join(str(error).split())[:160]})") from error


def stored_json(text: str, kind: type[T], table: str, row_id: object) -> T:
    """Decode a model object from a column.

    Raises:
        DamagedRow: it is no JSON, of another shape, or nests too deeply.
    """
    with stored_row(table, row_id):
        return from_json(text, kind)


def readable(ids: Sequence[int], read: Callable[[Sequence[int]], list[T]]) -> list[T]:
    """Read the rows of ``ids`` together; where one is damaged, one by one: it is left out, and noted in :data:`LEFT_OUT`."""
    try:
        return read(ids)
    except DamagedRow:
        found: list[T] = []
    for row_id in ids:
        try:
            found += read([row_id])
        except DamagedRow as damaged:
            LEFT_OUT.add(damaged)
    return found


def damaged_values(connection: Connection) -> list[str]:
    """Find the times and lists that cannot be read, as ``TABLE.COLUMN of row ID``, at most :data:`SHOWN`; for SQLite only."""
    found: list[str] = []
    for table in TableBase.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, MomentColumn):
                number = type_coerce(column, BigInteger)
                wrong = or_(func.typeof(column).not_in(["integer", "null"]), not_(number.between(FIRST, LAST)))
            elif isinstance(column.type, WordsColumn):
                text = type_coerce(column, Text)
                wrong = or_(func.json_valid(text) == 0, func.substr(text, 1, 1) != "[")
            else:
                continue
            key = next(iter(table.primary_key.columns))
            rows = connection.execute(select(key).where(wrong).limit(SHOWN)).scalars()
            found += [f"{table.name}.{column.name} of row {row}" for row in rows]
    return found[:SHOWN]
