"""A real PostgreSQL server for one test run: in a temporary folder, on a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

PLACES = "/usr/lib/postgresql"
"""Folder in which Debian keeps the server's programs, by version."""
SETTINGS = {
    "listen_addresses": "",  # a socket in the folder, and no port
    "fsync": "off",  # nothing of it survives the tests
    "full_page_writes": "off",
    "autovacuum": "off",  # databases live for a second
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}


class NoPostgresError(Exception):
    """There is no server to be had; the reason in words."""


@dataclass(slots=True)
class Server:
    """A running server."""

    folder: Path
    programs: Path
    _names: Iterator[int] = field(default_factory=count)

    def url(self, database: str = "postgres") -> str:
        """Address of the server for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """The URL of an empty database, or of a copy."""
        name = f"test{next(self._names)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def run(self, statement: str) -> None:
        """Run one statement outside of any transaction."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self, how: str = "immediate") -> None:
        """Take it down; ``immediate``: as if it had been killed."""
        self._control("stop", "-m", how)

    def start(self) -> None:
        """Bring it up."""
        options = " ".join(f"-c {name}={value!r}" for name, value in SETTINGS.items())
        self._control("start", "-o", f"-k {self.folder} {options}", "-l", str(self.folder / "log"))

    def _control(self, *arguments: str) -> None:
        _run([str(self.programs / "pg_ctl"), "-w", "-D", str(self.folder / "data"), *arguments])


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block runs.

    Raises:
        NoPostgresError: it is not installed, or must not be started by this user.
    """
    programs = _programs()
    # a socket's path may have a hundred characters, which pytest's folders do not leave
    folder = Path(tempfile.mkdtemp(prefix="cw-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _other_user())
        _run(
            [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        )
        server = Server(folder, programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found and Path(found).with_name("pg_ctl").exists() and Path(found).with_name("psql").exists():
        return Path(found).resolve().parent
    for folder in sorted(Path(PLACES).glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    raise NoPostgresError("no PostgreSQL server is installed (Debian: apt-get install postgresql)")


def _other_user() -> str:
    """PostgreSQL does not run as root."""
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoPostgresError("PostgreSQL does not run as root, and there is no other user")


def _run(command: list[str]) -> None:
    user = ["runuser", "-u", _other_user(), "--"] if os.geteuid() == 0 else []
    # not to a pipe: the server inherits it, and it would never end
    with tempfile.TemporaryFile() as said:
        done = subprocess.run([*user, *command], check=False, stdout=said, stderr=said, cwd="/")
        if done.returncode:
            said.seek(0)
            raise NoPostgresError(f"{Path(command[0]).name} failed: {said.read().decode(errors='replace')[-500:]}")
