"""Add many brands from a table, all of them or none; every mistake is named by its row and column."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from crawler.cli.setup.brand_folder import (
    BrandFolders,
    NewBrand,
    brand_id,
    not_writable,
    refuse_known,
    workshop,
    write_brand,
)
from crawler.cli.setup.brand_table import COLUMNS, TableRow, read_rows
from crawler.net.outward import DownloadLimits, OutwardRules, ServiceError
from crawler.net.outward.download import download
from detector.brands import BrandLibrary, load_library
from detector.errors import BrandFileError, SourceError, UsageError
from detector.sentences import without_secrets

LOGO_LIMITS = DownloadLimits(bytes=2_000_001, seconds=30.0)
"""A byte more than a logo may have, so that a larger one is refused and not cut."""
SHOWN = 20
"""Mistakes that are named; the others are counted."""
PNG = b"\x89PNG\r\n\x1a\n"
__all__ = ["add_rows", "read_rows"]


@dataclass(frozen=True, slots=True)
class _Place:
    """A row of a table, for messages."""

    row: TableRow

    def says(self, field: str) -> str:
        """Return the words for a field of a brand in this row."""
        return f"{self.row.where}, column {COLUMNS[field]}:"


def add_rows(
    rows: Sequence[TableRow], folders: BrandFolders, *, skip_known: bool = False, allow_private: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Write the brands of all rows into the home of ``folders``; return the ids that were added, and those that were there.

    Nothing is added where a row has a mistake.  ``skip_known``: leave out brands that there are.  ``allow_private``: CIDR blocks
    that an address of a logo may redirect to.

    Raises:
        UsageError: rows have mistakes; names the row and the column of each.
        EnvironmentFault: the folder cannot be written.
    """
    library = load_library(folders.read)
    mistakes: list[str] = []
    made: list[Path] = []
    known: list[str] = []
    try:
        with workshop(folders.home) as temporary:
            for row in rows:
                try:
                    new = _named(row)
                    if skip_known and new in library:
                        known.append(new)
                        continue
                    _refuse_twice(row, new, library, folders.home, {folder.name for folder in made})
                    made.append(_made(row, new, temporary, allow_private))
                except (UsageError, BrandFileError, SourceError) as error:
                    mistakes.append(str(error))
            if mistakes:
                more = f"\n... and {len(mistakes) - SHOWN} more" if len(mistakes) > SHOWN else ""
                raise UsageError("nothing was imported:\n" + "\n".join(mistakes[:SHOWN]) + more)
            _move_all(made, folders.home)
    except OSError as error:
        raise not_writable(folders.home, error) from error
    return [folder.name for folder in made], known


def _named(row: TableRow) -> str:
    """Return the id of a row's brand."""
    if row.id:
        return row.id
    try:
        return brand_id(row.name)
    except UsageError as error:
        raise UsageError(f"{_Place(row).says('name')} {error}") from error


def _refuse_twice(row: TableRow, new_id: str, library: BrandLibrary, home: Path, earlier: Collection[str]) -> None:
    """Refuse the id of a brand that there is, or that an earlier row has.

    Raises:
        UsageError: it is taken.
    """
    says = _Place(row).says
    try:
        refuse_known(new_id, library, home)
        if new_id in earlier:
            raise UsageError(f"an earlier row has the id {new_id!r} too")
    except UsageError as error:
        raise UsageError(f"{says('id' if row.id else 'name')} {error}") from error


def _made(row: TableRow, new_id: str, parent: Path, allow_private: Iterable[str]) -> Path:
    says = _Place(row).says
    if not row.domains:
        raise UsageError(f"{says('domain')} expected at least one domain")
    with ExitStack() as stack:
        logos = []
        for text in row.logos:
            if text.startswith(("http://", "https://")):
                place = stack.enter_context(TemporaryDirectory(prefix=".logo-", dir=parent))
                logos.append(asyncio.run(_fetched(text, Path(place), says("logo"), allow_private)))
            else:
                logos.append(row.folder / Path(text).expanduser())
        return write_brand(parent, NewBrand(new_id, row.name, row.domains, logos, row.signins), says)


async def _fetched(url: str, folder: Path, says: str, allow_private: Iterable[str]) -> Path:
    """Fetch a logo into ``folder``; the address is the operator's, what it leads to is judged."""
    shown = without_secrets(url)
    try:
        async with download(url, {}, LOGO_LIMITS, OutwardRules(url, allow_private=allow_private)) as answer:
            if answer.status != 200 or answer.broken:
                raise SourceError(f"{says} {shown}: {answer.broken or f'the server answered {answer.status}'}")
            data = answer.body.read()
    except ServiceError as error:
        raise SourceError(f"{says} {shown}: {error}") from error
    name = PurePosixPath(urlsplit(url).path).stem or "logo"
    target = folder / f"{name[:60]}{'.png' if data.startswith(PNG) else '.svg'}"
    target.write_bytes(data)
    return target


def _move_all(made: Sequence[Path], home: Path) -> None:
    """Move finished folders to their place; where one cannot be, those that were moved are removed again."""
    done: list[Path] = []
    try:
        for folder in made:
            folder.rename(home / folder.name)
            done.append(home / folder.name)
    except OSError:
        for folder in done:
            shutil.rmtree(folder, ignore_errors=True)
        raise
