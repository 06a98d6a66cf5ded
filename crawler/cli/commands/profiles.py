"""``clonewatch profiles``: who captures can pretend to be."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crawler.capture.profiles import DEFAULT_PLACE, Profile, Profiles
from crawler.cli import options
from crawler.cli.json_lines import write_lines
from crawler.net.guard import parse_proxies, parse_upstream
from detector.config import CaptureConfig
from detector.workspace import read_config


def profiles(
    names: Annotated[
        list[str] | None, typer.Argument(help="Only these, as composed.", metavar="NAME...", show_default=False)
    ] = None,
    json_target: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write one JSON object a profile; - for standard output."),
    ] = None,
    workspace: options.Workspace = None,
) -> None:
    """List devices, places and referrers that profiles are made of."""
    config = read_config(workspace).capture
    known = Profiles.of(config)
    if names or json_target:
        rows = [_row(known.named(name), config) for name in names or known.names()]
        if json_target:
            write_lines(json_target, rows)
        else:
            _print_profiles(rows)
        return
    _print_parts(known, config)


def _row(profile: Profile, config: CaptureConfig) -> dict[str, object]:
    upstream = parse_proxies(config.proxies).get(profile.place_name, parse_upstream(config.proxy))
    return {
        "name": profile.name,
        "user_agent": profile.device.user_agent,
        "languages": list(profile.languages),
        "time_zone": profile.place.time_zone,
        "viewport": list(profile.size(config)),
        "screen": list(profile.screen(config)),
        "referrer": profile.referrer,
        "proxy": upstream.label if upstream else None,
    }


def _print_profiles(rows: list[dict[str, object]]) -> None:
    console = Console(highlight=False)
    for row in rows:
        for key, value in row.items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            console.print(f"{key:<11} {'-' if shown is None else shown}", markup=False, soft_wrap=True)
        console.print()


def _print_parts(known: Profiles, config: CaptureConfig) -> None:
    console = Console(highlight=False)
    devices = Table("device", "what", "viewport", title=Text("DEVICE[-PLACE][@REFERRER]"), title_justify="left")
    for name, device in known.data.devices.items():
        width, height = device.viewport or (config.viewport_width, config.viewport_height)
        devices.add_row(name, escape(device.title), f"{width} x {height}")
    console.print(devices)
    places = Table("place", "where", "languages", "time zone", "proxy")
    for name, place in known.data.places.items():
        upstream = parse_proxies(config.proxies).get(name, parse_upstream(config.proxy))
        title = escape(f"{place.title} (unless named)" if name == DEFAULT_PLACE else place.title)
        places.add_row(name, title, ", ".join(place.languages), place.time_zone, upstream.label if upstream else "-")
    console.print(places)
    referrers = Table("referrer", "from", "address")
    for name, referrer in known.data.referrers.items():
        referrers.add_row(name, escape(referrer.title), escape(referrer.url or "-"))
    console.print(referrers)
