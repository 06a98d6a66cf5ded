"""JSON lines, one object a line: what every command writes for ``--json FILE`` or ``--json -``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from detector.errors import UsageError
from detector.masking import without_known_secrets
from detector.present.json_text import json_line


class JsonLines:
    """A stream of JSON lines, each flushed at once: a reader, or a crash, loses nothing that was written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, row: object) -> None:
        """Write one object: a dictionary, or a dataclass of the model."""
        self._stream.write(without_known_secrets(json_line(row).decode()).encode())
        self._stream.flush()


@contextmanager
def json_lines(target: str | None) -> Iterator[JsonLines | None]:
    """Open ``target`` for JSON lines; ``-`` is standard output, and None yields None.

    Raises:
        UsageError: the file cannot be written.
    """
    if target is None:
        yield None
        return
    if target == "-":
        yield JsonLines(sys.stdout.buffer)
        return
    with _open_for_writing(Path(target)) as stream:
        yield JsonLines(stream)


def write_lines(target: str, rows: Iterable[object]) -> None:
    """Write ``rows`` as JSON lines to the file ``target``, or to standard output for ``-``.

    Raises:
        UsageError: the file cannot be written.
    """
    with json_lines(target) as lines:
        assert lines is not None  # only a target of None yields None
        for row in rows:
            lines.write(row)


def _open_for_writing(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"--json {path}: cannot be written ({error.strerror}); name another file") from error
