"""Options that several commands share, and the configuration they override."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

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
    typer.Option("--brands", metavar="DIR", help="Folder of brands, instead of the shipped ones; repeatable."),
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
