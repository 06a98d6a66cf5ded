"""Compare the database's own structure with this program's: what is missing, and what somebody has added to act on its own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import UniqueConstraint, inspect, text
from sqlalchemy.engine import Connection

from detector.store.models import TableBase

MAX_FAULTS = 10
"""Faults of the file that SQLite is asked for."""
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT trigger_name FROM information_schema.triggers WHERE trigger_schema = current_schema()",
}


def structure_problems(connection: Connection) -> Iterator[str]:
    """Name triggers and views, which this program has none of, and indexes that are missing or do not match their tables."""
    found = inspect(connection)
    for name in connection.execute(text(_TRIGGERS[connection.dialect.name])).scalars():
        yield f"the database has a trigger {name}: it may alter what the program writes, and this program has none"
    for name in found.get_view_names():
        yield f"the database has a view {name}, and this program has none"
    tables = set(found.get_table_names())
    for table in TableBase.metadata.sorted_tables:
        if table.name not in tables:
            yield f"the database lacks the table {table.name}"
            continue
        there = {str(each["name"]) for each in found.get_indexes(table.name)}
        there |= {str(each["name"]) for each in found.get_unique_constraints(table.name)}
        wanted = {str(index.name) for index in table.indexes}
        wanted |= {str(each.name) for each in table.constraints if isinstance(each, UniqueConstraint)}
        for missing in sorted(wanted - there):
            yield f"the database lacks the index {missing} of the table {table.name}"
    if connection.dialect.name == "sqlite":
        for said in connection.exec_driver_sql(f"PRAGMA integrity_check({MAX_FAULTS})").scalars():
            if said != "ok":
                yield f"the database file is damaged or was altered: {said}"
