"""Column types that SQLite and PostgreSQL keep alike: UTC moments as integers, lists of words as JSON text."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from detector.model import to_builtins, to_json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
"""The first and the last moment that a :class:`MomentColumn` can hold, in microseconds since 1970."""


class DamagedValue(ValueError):
    """A value of a column that this program never stores."""


class MomentColumn(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970 (UTC): sorts and compares the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Encode; a naive time is refused, since its time zone is unknown."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the store keeps aware times only")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware datetime in UTC.

        Raises:
            DamagedValue: it is no number, or one out of range.
        """
        if value is None:
            return None
        if not isinstance(value, int) or not FIRST <= value <= LAST:
            raise DamagedValue(f"{str(value)[:40]!r} is not a time")
        return EPOCH + value * MICROSECOND


class WordsColumn(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Encode; lone surrogates and NUL bytes become U+FFFD."""
        return None if value is None else msgspec.json.encode([storable(word) for word in value]).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """Decode; NULL reads as no words.

        Raises:
            DamagedValue: it is no list of strings.
        """
        try:
            return () if value is None else msgspec.json.decode(value, type=tuple[str, ...])
        except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError) as error:
            raise DamagedValue(f"{str(value)[:40]!r} is not a list of words") from error


def storable(text: str) -> str:
    """Replace by U+FFFD what databases refuse: lone surrogates, which a page can hold, and NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def url_key(url: str) -> bytes:
    """SHA-256 of a URL, by which the backlog knows it: of one length, however long the URL is."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()


def encode(value: object) -> str:
    """JSON text of a model object or plain data; lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    try:
        return to_json(value).decode()
    except UnicodeEncodeError:
        return to_json(_scrub(to_builtins(value))).decode()


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {key: _scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    return value
