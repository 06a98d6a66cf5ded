"""Both databases for tests: a file of SQLite's, and a database on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from detector.store import Store
from tests.support.servers.postgres import NoPostgresError, Server, running

BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server, with a migrated database ``migrated`` to copy."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running())
        except NoPostgresError as error:
            pytest.skip(str(error))
        server.run("CREATE DATABASE migrated")
        Store.open(server.url("migrated")).close()
        yield server


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clonewatch.sqlite'}"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database("migrated")
