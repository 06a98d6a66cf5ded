"""Split tables into rows and cells (RFC 4180) so that one bad row costs itself only."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_ROW = 16_384
"""Characters within which a quoted cell must end; a longer one is a quotation mark without its partner."""
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row of a table."""

    line: int
    """Number of its first line, from 1."""
    text: str
    cells: tuple[str, ...]
    stray: bool = False
    """A quotation mark stands where none may, or has no partner: cells may be wrong."""


def delimiter_of(line: str) -> str:
    """Return the delimiter that a line uses most."""
    return max(DELIMITERS, key=lambda mark: (line.count(mark), -DELIMITERS.index(mark)))


def split_row(text: str, delimiter: str) -> tuple[list[str], bool, bool]:
    """Return the cells of a row, whether a quotation mark is astray, and whether the text ends within a quoted cell."""
    cells: list[str] = []
    stray = False
    at = 0
    while True:
        start = at + len(text[at:]) - len(text[at:].lstrip(" ")) if text[at : at + 1] == " " else at
        if text[start : start + 1] == '"':
            inner, after = _quoted(text, start + 1)
            if after < 0:
                return [*cells, inner], stray, True
            end = _find(text, delimiter, after)
            behind = text[after:end]
            stray = stray or bool(behind.strip())
            cells.append((inner + behind).strip())
        else:
            end = _find(text, delimiter, at)
            cell = text[at:end]
            stray = stray or '"' in cell
            cells.append(cell.strip())
        if end >= len(text):
            return cells, stray, False
        at = end + 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Return the content of a quoted cell and the place behind it; -1 where it does not end."""
    parts: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            return "".join([*parts, text[at:]]), -1
        parts.append(text[at:end])
        if text[end + 1 : end + 2] != '"':
            return "".join(parts), end + 1
        parts.append('"')
        at = end + 2


def _find(text: str, delimiter: str, at: int) -> int:
    end = text.find(delimiter, at)
    return len(text) if end < 0 else end


def rows_of(lines: Iterable[tuple[int, str]]) -> Iterator[CsvRow]:
    """Yield the rows of numbered lines, comments too (whole, in one cell); a cell may go on in the next lines.

    Where a quoted cell does not end, or the lines in it are rows themselves, its first line is a row by itself (``stray``), and
    the following ones are read anew.
    """
    source = iter(lines)
    waiting: deque[tuple[int, str]] = deque()
    delimiter, width = "", 0
    while (numbered := waiting.popleft() if waiting else next(source, None)) is not None:
        number, text = numbered
        if text.lstrip().startswith("#"):
            yield CsvRow(number, text, (text.strip(),))
            continue
        if not text.strip():
            continue
        delimiter = delimiter or delimiter_of(text)
        cells, stray, is_open = split_row(text, delimiter)
        if is_open:
            whole = _joined(text, source, waiting, delimiter, width)
            if whole is None:
                yield CsvRow(number, text, tuple(_plain_cells(text, delimiter, width)), stray=True)
                continue
            text = whole
            cells, stray, _ = split_row(text, delimiter)
        if stray and width and len(cells) != width:
            cells = _plain_cells(text, delimiter, width)
        width = width or len(cells)
        yield CsvRow(number, text, tuple(cells), stray)


def _joined(
    text: str, source: Iterator[tuple[int, str]], waiting: deque[tuple[int, str]], delimiter: str, width: int
) -> str | None:
    """Return the row that begins with ``text``, joined with the lines in which its last cell goes on; None where it is none.

    Lines that were looked at and are not part of it are put into ``waiting``.
    """
    taken: list[tuple[int, str]] = []
    length = len(text)
    while length <= LONGEST_ROW:
        following = waiting.popleft() if waiting else next(source, None)
        if following is None:
            break
        taken.append(following)
        length += len(following[1]) + 1
        if _is_row(following[1], delimiter, width):
            break
        if '"' not in following[1]:
            continue
        whole = "\n".join([text, *(line for _, line in taken)])
        cells, _, is_open = split_row(whole, delimiter)
        if not is_open:
            if width and len(cells) != width:
                break
            return whole
    waiting.extendleft(reversed(taken))
    return None


def _is_row(text: str, delimiter: str, width: int) -> bool:
    """Tell whether a line is a row by itself, with an address in it."""
    cells, stray, is_open = split_row(text, delimiter)
    return width > 1 and len(cells) == width and not stray and not is_open and "://" in text.replace("[:]", ":")


def _plain_cells(text: str, delimiter: str, width: int) -> list[str]:
    """Return the cells of a row with stray quotation marks: between ``","`` where all are quoted, else at each delimiter."""
    bare = text.strip()
    quoted = bare.strip('"').split(f'"{delimiter}"') if bare.startswith('"') else []
    if len(quoted) == width > 1:
        return [cell.strip() for cell in quoted]
    return [cell.strip().strip('"').strip() for cell in text.split(delimiter)]
