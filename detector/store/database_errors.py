"""The databases' own errors as sentences that say what to do."""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DBAPIError

SENTENCES: dict[int, str] = {
    sqlite3.SQLITE_NOTADB: "is not an SQLite database; move that file away, or name another workspace",
    sqlite3.SQLITE_CORRUPT: "is damaged; put a backup in its place, or move it away and start with an empty one",
    sqlite3.SQLITE_READONLY: "is read-only; give yourself write permission on the file and its folder",
    sqlite3.SQLITE_PERM: "may not be opened; check the permissions of the file and its folder",
    sqlite3.SQLITE_AUTH: "may not be opened; check the permissions of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists, that it is a file and not a folder, and "
    "their permissions",
    sqlite3.SQLITE_BUSY: "is locked by another program; let that one finish or stop it, then run again",
    sqlite3.SQLITE_LOCKED: "is locked by another program; let that one finish or stop it, then run again",
    sqlite3.SQLITE_FULL: "could not grow: the disk is full; free some space, then run again",
    sqlite3.SQLITE_IOERR: "could not be read or written; check the disk's space, quotas and health, then run again",
    sqlite3.SQLITE_TOOBIG: "refused a value that is too long",
}


LACKING = re.compile(r"no such ((?:table|column): [\w.]+)")
"""SQLite's error for a table or column that this program's schema has; migrations have run by then."""
NEWER = re.compile(r"(?:table|relation|index) \"?\w+\"? already exists|duplicate column name")
"""The databases' errors where a migration meets what it was to make: somebody has put the schema's version back."""
UNDECODED = re.compile(r"Could not decode to UTF-8 column '(\w+)'")
"""The driver's error for a text of bytes that are none."""


def sentence_of(error: DBAPIError) -> str | None:
    """Say what is wrong and what to do, as the rest of a sentence about the database; None for errors of this program."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    lacking = LACKING.search(str(error.orig))
    if lacking is not None:
        return f"is damaged: it has no {lacking[1]}; put a backup in its place, or move it away and start with an empty one"
    if NEWER.search(str(error.orig)):
        return "is damaged: it holds more than the version that it names; put a backup in its place"
    if (undecoded := UNDECODED.search(str(error.orig))) is not None:
        return f"is damaged: a text in its column {undecoded[1]} is not UTF-8; put a backup in its place, or correct that row"
    if isinstance(code, int):
        return SENTENCES.get(code & 0xFF)
    if isinstance(error.orig, sqlite3.Error):
        return None
    text = str(error.orig).strip().splitlines()[:1]
    return f"cannot be used ({text[0] if text else type(error.orig).__name__})" if _is_operational(error) else None


def _is_operational(error: DBAPIError) -> bool:
    # server down, wrong password, disk full... (PEP 249): no error of this program
    return type(error).__name__ in {"OperationalError", "InternalError"}
