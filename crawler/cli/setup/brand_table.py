"""Read a table of brands: CSV, TOML or JSON, with the same columns in each."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.errors import UsageError
from detector.files import open_regular
from detector.toml_lines import parse_toml, syntax_error

COLUMNS = {"id": "id", "name": "name", "domain": "domains", "logo": "logos", "signin": "signin_urls"}
"""Columns of a table by the field of a brand that they hold."""
LISTS = frozenset({"domains", "logos", "signin_urls"})
MOST_BYTES, MOST_ROWS = 10_000_000, 10_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One brand as it is written in a table, not checked yet."""

    where: str
    """File and row, such as ``brands.csv: row 3``; a header is row 1."""
    folder: Path
    """Folder of the table, which paths of logos are relative to."""
    name: str
    domains: tuple[str, ...]
    id: str = ""
    logos: tuple[str, ...] = ()
    signins: tuple[str, ...] = ()


def read_rows(path: Path) -> list[TableRow]:
    """Read a table of brands; the file's ending says which format it has.

    Raises:
        UsageError: the file cannot be read, has no rows, or a row has an unknown column or a value of the wrong type; names row and
            column.
    """
    readers = {".csv": _csv, ".toml": _toml, ".json": _json}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path}: expected a file that ends in {', '.join(readers)}")
    try:
        with open_regular(path) as stream:
            raw = stream.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}); name a table of brands that ends in {', '.join(readers)}"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}:{raw.count(10, 0, error.start) + 1}: not UTF-8; save the table as UTF-8") from error
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{path}: more than {MOST_BYTES // 1_000_000} MB; split the table")
    rows = [_row(where, path.absolute().parent, values) for where, values in reader(path, text)]
    if not rows:
        raise UsageError(f"{path}: no rows; expected a brand in each, with {', '.join(COLUMNS.values())}")
    if len(rows) > MOST_ROWS:
        raise UsageError(f"{path}: more than {MOST_ROWS:,} rows; split the table")
    return rows


def _csv(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    sample = text[:4096]
    delimiter = ";" if sample.split("\n", 1)[0].count(";") > sample.split("\n", 1)[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UsageError(f"{path}: row {number}: not CSV ({error})") from error
        if cells is None:
            return
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            twice = next((name for name in header if header.count(name) > 1), None)
            if twice is not None:
                raise UsageError(f"{path}: row 1: two columns are called {twice!r}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{path}: row {number}"
        if len(cells) != len(header):
            raise UsageError(f"{where}: {len(cells)} cells, but row 1 names {len(header)} columns: {', '.join(header)}")
        yield where, {name: _cell(name, cell) for name, cell in zip(header, cells, strict=True) if cell.strip()}


def _cell(name: str, cell: str) -> Any:
    if name not in LISTS:
        return cell.strip()
    # paths of logos may have blanks in them
    return [part for part in re.split(r";|\n" if name == "logos" else r"[\s;,]+", cell) if part.strip()]


def _toml(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        line, problem = syntax_error(error, text)
        raise UsageError(f"{path}:{line}: not valid TOML: {problem}") from error
    return _objects(path, data.get("brands"), "[[brands]] tables")


def _json(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid JSON ({error})") from error
    return _objects(path, data.get("brands") if isinstance(data, dict) else data, "a list of objects")


def _objects(path: Path, found: Any, expected: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(found, list):
        raise UsageError(f"{path}: expected {expected}, one for each brand")
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, dict):
            raise UsageError(f"{path}: row {number}: expected {expected}, not {entry!r:.80}")
        yield f"{path}: row {number}", entry


def _row(where: str, folder: Path, values: Mapping[str, Any]) -> TableRow:
    for name in values:
        if name not in COLUMNS.values():
            raise UsageError(f"{where}: unknown column {name!r:.80}; known: {', '.join(COLUMNS.values())}")
    texts = {name: _text(where, name, values.get(name, "")) for name in ("name", "id")}
    if not texts["name"]:
        raise UsageError(f"{where}, column name: expected the brand's name")
    lists = {name: _list(where, name, values.get(name, [])) for name in LISTS}
    return TableRow(
        where,
        folder,
        texts["name"],
        lists["domains"],
        id=texts["id"],
        logos=lists["logos"],
        signins=lists["signin_urls"],
    )


def _text(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{where}, column {name}: expected a text, not {value!r:.80}")
    return value.strip()


def _list(where: str, name: str, value: Any) -> tuple[str, ...]:
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise UsageError(f"{where}, column {name}: expected a list of texts, not {value!r:.80}")
    return tuple(entry.strip() for entry in entries if entry.strip())
