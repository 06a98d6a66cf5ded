"""Connections and transactions, the set-up of SQLite, and the translation of database errors into sentences.

SQLite runs in WAL mode, so that readers never wait for the writer, with ``synchronous=FULL``: with ``NORMAL`` a power cut
may take back the last commits (sqlite.org/wal.html, section 7), and "nothing that was stored is lost" is worth one
fsync a capture, which costs far less than the capture did.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from detector.errors import StoreError
from detector.files import make_private_file
from detector.store.chains.journal import SignerSource, append_notes, begin_notes
from detector.store.columns import DamagedValue
from detector.store.database_errors import SENTENCES, sentence_of

BUSY_SECONDS = 30.0
"""Seconds that a connection waits for another program's write before it gives up; ``?timeout=`` in the URL overrides it."""
BIND_LIMIT = 2000
"""Values in one ``IN`` list and rows in one transaction; SQLite accepts 32,766 values since 3.32."""
PAGE = 50
"""Captures or cases that a stream reads in one transaction; between two pages no transaction is open."""
CACHE_KIB = 16_384
"""Pages of the database kept in memory: a large backlog's indexes are written all over the place."""


class Database:
    """An engine and the two kinds of transactions; safe for several threads and several processes."""

    def __init__(
        self, target: str | Path, *, may_be_read_only: bool = False, signer: SignerSource | None = None
    ) -> None:
        """``target``: an SQLAlchemy URL, or the path of an SQLite file, which is made for its owner alone where it is missing.

        ``may_be_read_only`` opens a file that cannot be written, or lies where nothing can, for reading.  ``signer`` gives the key
        that signs the journal's entries.
        """
        url = _parse(target)
        self._signer = signer
        self.on_write: Callable[[Connection], None] = lambda _: None
        """Called first in each transaction that writes."""
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.name = f"database {url.database if self.is_sqlite else url.render_as_string(hide_password=True)}"
        self.read_only = False
        if self.is_sqlite and url.database and not url.database.startswith("file:"):
            path = Path(url.database)
            self.read_only = may_be_read_only and path.is_file() and not _writable(path)
            if self.read_only:
                url = _for_reading(url, path)
            else:
                with suppress(OSError):  # SQLite says what is wrong, in sentences that are known here
                    make_private_file(path)
        if self.is_sqlite and "timeout" not in url.query:
            url = url.update_query_dict({"timeout": str(BUSY_SECONDS)})
        try:
            # a server may have been restarted since the connection was last used
            engine = create_engine(url, pool_pre_ping=not self.is_sqlite)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"{self.name}: no driver for it is installed ({error}); for postgresql:// install clonewatch[postgres], or use sqlite:///FILE"
            ) from error
        if self.is_sqlite:
            event.listen(engine, "connect", _set_up_for_reading if self.read_only else _set_up)
            event.listen(engine, "begin", _begin)
        self._writing = engine.execution_options(clonewatch_write=True)
        # SQLite's readers see one state by themselves
        self._engine = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout."""
        with self.explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds SQLite's write lock from its start, so that what it reads stays true until it commits.

        Rows that were noted in it (:mod:`detector.store.chains.journal`) get their entries at its end.

        Raises:
            StoreError: the database refused; nothing of the transaction was kept.
        """
        with self.explained(), self._writing.begin() as connection:
            begin_notes(connection)
            self.on_write(connection)
            yield connection
            append_notes(connection, self._signer)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the database's own errors into :class:`StoreError` with a sentence."""
        try:
            yield
        except DamagedValue as error:
            raise self._damaged(error) from error
        except PoolTimeout as error:
            raise StoreError(f"{self.name}: too many threads use it at once; use fewer capture slots") from error
        except DBAPIError as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            raise StoreError(f"{self.name} {sentence}; what was stored before is safe") from error

    def _damaged(self, error: DamagedValue) -> StoreError:
        """Name the rows with values like the one that could not be read."""
        from detector.store.damage import REMEDY, damaged_values  # noqa: PLC0415  knows the tables, which this module does not

        places: list[str] = []
        if self.is_sqlite:
            with suppress(DBAPIError), self._engine.connect() as connection:
                places = damaged_values(connection)
        where = f" ({'; '.join(places)})" if places else ""
        return StoreError(f"{self.name} is damaged: {error}{where}; {REMEDY}")

    def abandon(self) -> None:
        """Drop all connections without closing them; for child processes, which inherit their parent's."""
        self._engine.dispose(close=False)

    def copy_to(self, path: Path) -> None:
        """Copy the database with SQLite's online backup (sqlite.org/backup.html), and check the copy.

        Raises:
            StoreError: the database lies on a server, or the copy cannot be written or is not whole.
        """
        if not self.is_sqlite:
            raise StoreError(
                f"{self.name} is on a server: copy it with the server's own tools (pg_dump, and pg_restore to restore it)"
            )
        try:
            with suppress(OSError):  # SQLite says what is wrong
                make_private_file(path)
            with self._engine.connect() as connection, closing(sqlite3.connect(path)) as copy:
                source = connection.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(copy, pages=2000)
                [(said,)] = copy.execute("PRAGMA integrity_check(1)").fetchall()
                copy.execute("PRAGMA journal_mode=DELETE").close()
        except sqlite3.Error as error:
            hint = SENTENCES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, f"cannot be copied ({error})")
            raise StoreError(f"database {path} {hint}; what was stored before is safe") from error
        if said != "ok":
            raise StoreError(f"{self.name} is damaged ({said}); put a backup in its place")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def insert_for(connection: Connection) -> Callable[..., Any]:
    """The dialect's ``INSERT``, which knows ``ON CONFLICT``."""
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def _parse(target: str | Path) -> URL:
    if isinstance(target, Path):
        return URL.create("sqlite", database=str(target))
    try:
        url = make_url(target)
    except ArgumentError as error:
        raise StoreError(f"{target!r} is not a database URL; use sqlite:///FILE or postgresql://HOST/NAME") from error
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StoreError("a database in memory would be lost at exit; use sqlite:///FILE")
    return url


def _writable(path: Path) -> bool:
    """Tell whether a database can be written: SQLite makes files beside it, so that its folder counts too."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _for_reading(url: URL, path: Path) -> URL:
    """Return the URL that opens a file for reading only (sqlite.org/uri.html).

    A database in WAL mode cannot be read without its -shm file, which nobody can make here, unless it is declared immutable.
    That is true where no program has it open: the last one to close it deletes the -wal file.
    """
    query = {**url.query, "uri": "true", "mode": "ro"}
    if not path.with_name(f"{path.name}-wal").exists():
        query["immutable"] = "1"
    return URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=query)


def _set_up_for_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}").close()


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # switches off the driver's implicit transactions: _begin starts them
    connection.isolation_level = None
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            # SQLite does not wait by itself where two programs switch a new file to WAL at once
            connection.execute("PRAGMA journal_mode=WAL").close()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous=FULL").close()
    connection.execute("PRAGMA foreign_keys=ON").close()
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}").close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("clonewatch_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
