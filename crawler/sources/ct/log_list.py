"""Parser of the public list of logs (schema of ``log_list/v3``): addresses and public keys."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.sources.ct.checkpoint import LogKey, TreeHeadError

MAX_LIST = 4 << 20
"""Bytes of the list, unpacked: it has a tenth of that, and what is parsed takes thirty times as much memory."""
_READABLE = frozenset(("usable", "qualified", "readonly"))
"""States in which a log is operated; ``retired``, ``rejected`` and ``pending`` logs are not read."""


class LogListError(Exception):
    """An answer is not a list of logs."""


@dataclass(frozen=True, slots=True)
class TransparencyLog:
    """A log: name, address and public key."""

    name: str
    """Short and stable name, under which the reading position is stored."""
    description: str
    url: str
    """Address to read it at, with a final slash."""
    origin: str
    """First line of its checkpoints: the submission prefix without scheme and final slash."""
    key: LogKey
    tiled: bool


def read_log_list(listed: object, now: datetime) -> list[TransparencyLog]:
    """Return the logs for certificates that are valid at ``now`` or later, tiled ones first; malformed entries are left out.

    Raises:
        LogListError: it is not a list of logs.
    """
    operators = listed.get("operators") if isinstance(listed, dict) else None
    if not isinstance(operators, list):
        raise LogListError("not a list of logs: it has no operators")
    found: list[TransparencyLog] = []
    for tiled, key in ((True, "tiled_logs"), (False, "logs")):
        for operator in operators:
            entries = operator.get(key) if isinstance(operator, dict) else None
            for entry in entries if isinstance(entries, list) else []:
                found.extend(_log(entry, tiled, now))
    return found


def _log(entry: Any, tiled: bool, now: datetime) -> Iterator[TransparencyLog]:
    try:
        state = entry.get("state") or {}
        if state and _READABLE.isdisjoint(state):
            return
        end = (entry.get("temporal_interval") or {}).get("end_exclusive")
        if end and datetime.fromisoformat(end).astimezone(UTC) <= now:
            return
        url = entry["monitoring_url"] if tiled else entry["url"]
        submission = entry["submission_url"] if tiled else url
        key = LogKey(base64.b64decode(entry["key"], validate=True))
        description = str(entry.get("description") or url)[:200]
        if not url.lower().startswith(("http://", "https://")):
            return
        origin = re.sub(r"^https?://", "", submission).rstrip("/")
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error, TreeHeadError):
        return
    name = re.sub(r"^https?://", "", url).rstrip("/")
    yield TransparencyLog(name, description, url.rstrip("/") + "/", origin, key, tiled)
