"""Options that several commands share, and the configuration they override."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detector.errors import UsageError
from detector.present.legible import shorten, visible

if TYPE_CHECKING:
    from detector.workspace import Workspace as OpenWorkspace

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="Folder of database, evidence and reports.",
        envvar="CLONEWATCH_WORKSPACE",
    ),
]
Brands = Annotated[
    list[Path] | None,
    typer.Option("--brands", metavar="DIR", help="Read brands from this folder and no other; repeatable."),
]
Resolve = Annotated[
    list[str] | None,
    typer.Option(
        "--resolve",
        metavar="RULE",
        help="Use a fixed address for a host, HOST:PORT:ADDRESS as for curl; HOST may be *. Repeatable.",
    ),
]
AllowPrivate = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-private", metavar="CIDR", help="Let pages reach this non-public network; for tests and labs only."
    ),
]
Slots = Annotated[int | None, typer.Option("--slots", metavar="N", min=1, max=64, help="Captures at the same time.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=1.0, help="Seconds after which a capture is ended.", metavar="SECONDS"),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="Visitor to present as, such as phone-de@sms; see `clonewatch profiles`."
    ),
]
Actor = Annotated[
    str | None,
    typer.Option(
        "--actor", metavar="NAME", help="Name for the custody log of who decided this, instead of your login."
    ),
]
BrandIds = Annotated[list[str] | None, typer.Option("--brand", "-b", metavar="ID", help="Only this brand; repeatable.")]
Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", help="Write JSON lines to this file; - is standard output."),
]
MOST = 2**63 - 1
"""The largest number that a column of a database holds."""


def case_number(text: str) -> int:
    """Read the number of a case from the command line; for Typer's ``parser``.

    Raises:
        UsageError: it is none, or greater than any that a database can give.
    """
    digits = text.strip() if isinstance(text, str) else str(text)
    if not re.fullmatch(r"[0-9]{1,19}", digits) or not 0 < int(digits) <= MOST:
        raise UsageError(
            f"{shorten(visible(digits), 40)!r} is not the number of a case; `clonewatch cases list` shows them"
        )
    return int(digits)


def check_brands(opened: OpenWorkspace, ids: Sequence[str] | None) -> None:
    """Refuse ids of no brand where only what is stored is shown: of none in the library, and of no case.

    Raises:
        UsageError: there is no such brand; names ids that are spelled alike.
        BrandFileError: a brand's folder is malformed.
    """
    from detector.brands import known_ids  # noqa: PLC0415  decodes pictures: only where a brand is named

    stored = opened.store.cases.brands() if ids else frozenset()
    if unknown := [each for each in ids or () if each not in stored]:
        known_ids(opened.library(), unknown)


def capture_overrides(
    resolve: list[str] | None = None,
    allow_private: list[str] | None = None,
    slots: int | None = None,
    timeout: float | None = None,
    profile: str | None = None,
) -> dict[str, Any]:
    """Return the fields of ``CaptureConfig`` that the options override."""
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
