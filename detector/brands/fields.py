"""Read TOML with the line numbers of its values, and refuse values of the wrong type."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from detector.errors import BrandFileError
from detector.toml_lines import line_of, parse_toml, syntax_error

MAX_BYTES = 1_000_000
"""Largest size of a file; a brand.toml is a page or two of text."""


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's text and the data in it."""

    path: Path
    text: str
    data: Mapping[str, Any]

    def fail(
        self, key: str, problem: str, expected: str, *, table: tuple[str, int] | None = None, value: str | None = None
    ) -> NoReturn:
        """Raise for ``key`` (of the n-th ``[[table]]``, from 0), naming its line, or the line of a ``value`` in it."""
        raise BrandFileError(self.path, self.line_of(key, table=table, value=value), problem, expected)

    def line_of(self, key: str, *, table: tuple[str, int] | None = None, value: str | None = None) -> int | None:
        """Find the 1-based line of a key, or of its table's header where the key is absent; None where neither is there."""
        return line_of(self.text, key, table=table, value=value)


def read_toml(path: Path) -> TomlFile:
    """Read a file.

    Raises:
        BrandFileError: it cannot be read, is not UTF-8, too large or not TOML; with the line where there is one.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise BrandFileError(path, None, problem, "a readable brand.toml in every brand's folder") from error
    if len(raw) > MAX_BYTES:
        raise BrandFileError(path, None, f"{len(raw)} bytes", f"a text of at most {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BrandFileError(path, line, f"not UTF-8 ({error.reason})", "text in UTF-8") from error
    text = text.replace("\r\n", "\n")
    try:
        return TomlFile(path, text, parse_toml(text))
    except tomllib.TOMLDecodeError as error:
        line, problem = syntax_error(error, text)
        raise BrandFileError(path, line, f"not valid TOML: {problem}", "TOML 1.0") from error


def refuse_unknown(
    file: TomlFile, data: Mapping[str, Any], known: tuple[str, ...], table: tuple[str, int] | None
) -> None:
    """Refuse unknown keys: a typing error would otherwise count as an absent value."""
    for key in data:
        if key not in known:
            file.fail(key, f"unknown key {key!r}", f"one of {', '.join(known)}", table=table)


def read_text(
    file: TomlFile, data: Mapping[str, Any], key: str, expected: str, *, table: tuple[str, int] | None = None
) -> str:
    """Read a string without surrounding blanks; empty where the key is absent."""
    value = data.get(key, "")
    if not isinstance(value, str) or (key in data and not value.strip()):
        file.fail(key, f"{key} is {_shown(value)}", expected, table=table)
    return value.strip()


def read_flag(file: TomlFile, data: Mapping[str, Any], key: str) -> bool:
    """Read true or false; false where the key is absent."""
    value = data.get(key, False)
    if not isinstance(value, bool):
        file.fail(key, f"{key} is {_shown(value)}", "true or false")
    return value


def read_list(
    file: TomlFile, data: Mapping[str, Any], key: str, expected: str, parse: Callable[[str], str | None]
) -> tuple[str, ...]:
    """Read a list of strings, each passed through ``parse`` (None refuses it); repeated values are refused."""
    values = data.get(key, [])
    if not isinstance(values, list):
        file.fail(key, f"{key} is {_shown(values)}", f"a list: {expected}")
    read: list[str] = []
    for value in values:
        if not isinstance(value, str):
            file.fail(key, f"{key} holds {_shown(value)}", f"text: {expected}")
        parsed = parse(value)
        if parsed is None:
            file.fail(key, f"{key} holds {value!r}", expected, value=value)
        if parsed in read:
            file.fail(key, f"{key} holds {value!r} twice", "each value once", value=value)
        read.append(parsed)
    return tuple(read)


def _shown(value: object) -> str:
    kind = {bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    if value == "":
        return "empty"
    return f"{value!r}, {kind.get(type(value), 'something else')}" if not isinstance(value, dict) else "a table"
