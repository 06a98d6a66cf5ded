"""Options that several commands share, and what they make of a configuration."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detector.errors import UsageError

if TYPE_CHECKING:
    from detector.brands import BrandLibrary

Workspace = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="Folder of database, evidence and reports.", envvar="CLONEWATCH_WORKSPACE"),
]
Brands = Annotated[
    list[Path] | None, typer.Option("--brands", help="Folder of brands instead of the shipped one; repeatable.")
]
Resolve = Annotated[
    list[str] | None,
    typer.Option(
        "--resolve", metavar="HOST:PORT:ADDRESS", help="Answer for a name, as curl has it; * allowed for HOST."
    ),
]
AllowPrivate = Annotated[
    list[str] | None,
    typer.Option("--allow-private", metavar="CIDR", help="Let pages reach these non-public addresses: tests and labs."),
]
Slots = Annotated[int | None, typer.Option("--slots", min=1, max=64, help="Captures at once.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=1.0, help="Seconds after which one capture is ended.", metavar="SECONDS"),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="Who looks first, such as phone-de@sms: see clonewatch profiles."),
]
Actor = Annotated[str | None, typer.Option("--actor", help="Who says so, for the custody log; your login otherwise.")]
BrandIds = Annotated[list[str] | None, typer.Option("--brand", "-b", help="Only this brand; repeatable.")]


def capture_overrides(
    resolve: list[str] | None = None,
    allow_private: list[str] | None = None,
    slots: int | None = None,
    timeout: float | None = None,
    profile: str | None = None,
) -> dict[str, Any]:
    """The fields of ``CaptureConfig`` that the options set."""
    given: dict[str, Any] = {}
    if resolve:
        given["resolve"] = tuple(resolve)
    if allow_private:
        given["allow_private"] = tuple(allow_private)
    if slots:
        given["slots"] = slots
    if timeout:
        given["total_seconds"] = timeout
        given["navigation_seconds"] = min(timeout / 2, 15.0)
    if profile:
        given["profile"] = profile
    return given


def known_brands(library: BrandLibrary, names: Iterable[str]) -> tuple[str, ...]:
    """The ids, when all of them are brands of the library.

    Raises:
        UsageError: one is not; says which are close.
    """
    wanted = tuple(names)
    for name in wanted:
        if name not in library:
            close = get_close_matches(name, [brand.id for brand in library], n=3)
            hint = f"did you mean {', '.join(close)}?" if close else "clonewatch brands list shows all of them"
            raise UsageError(f"no brand {name!r}; {hint}")
    return wanted
