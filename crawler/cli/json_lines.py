"""Lists as JSON lines, for commands that print what is stored."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from crawler.cli.output import json_line
from detector.errors import UsageError


def write_lines(target: str, rows: Iterable[object]) -> None:
    """One JSON object a line to a file, or to standard output for ``-``.

    Raises:
        UsageError: the file cannot be written.
    """
    data = b"".join(map(json_line, rows))
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        Path(target).write_bytes(data)
    except OSError as error:
        raise UsageError(f"--json {target}: cannot be written ({error.strerror})") from error
