"""Line numbers of keys and errors in a TOML file, which :mod:`tomllib` does not report."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document that a person wrote.

    Raises:
        tomllib.TOMLDecodeError: it is malformed, nests deeper than Python's stack, or has a number of thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        deepest = max(enumerate(text.splitlines(), 1), key=lambda line: sum(map(line[1].count, "[{.")))[0]
        raise tomllib.TOMLDecodeError(f"its tables or lists nest too deeply (at line {deepest}, column 1)") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # of int() and datetime()
        raise tomllib.TOMLDecodeError(f"a value cannot be read: {error}") from error


def line_of(text: str, key: str, *, table: tuple[str, int] | None = None, value: str | None = None) -> int | None:
    """Return the line, from 1, of ``key``, or of ``value`` in it.

    ``table``: name of the table that holds the key, and its place, from 0, among tables of that name; None: the key stands
    before the first table, or is a table.  Where the table lacks the key, the line of its header is returned; None where neither
    is there.
    """
    assigned = re.compile(rf"""^\s*(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')\s*[=.]""")
    seen, here, start = -1, table is None, None
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            name = header.group(1).strip("\"'")
            if table is None:
                here = False
                if name.split(".")[0] == key:
                    return number
            elif name == table[0]:
                seen += 1
                here = seen == table[1]
                start = number if here else start
            else:
                here = False
        elif here and assigned.match(line):
            return _line_of_value(text, number, value)
    if start is None and table is not None:
        return line_of(text, table[0])
    return start


def syntax_error(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Return the line, from 1, and the problem of a file that is not valid TOML."""
    found = _AT_LINE.search(str(error))
    line = int(found.group(1)) if found else max(1, len(text.splitlines()))
    return line, _AT_LINE.sub("", str(error)).strip()


def _line_of_value(text: str, start: int, value: str | None) -> int:
    if value is not None:
        for number, line in enumerate(text.splitlines()[start - 1 :], start):
            if f'"{value}"' in line or f"'{value}'" in line:
                return number
            if "]" in line:
                break
    return start
