"""``clonewatch profiles``: the visitors that a capture can present itself as."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from crawler.capture.profiles import DEFAULT_PLACE, Profiles
from crawler.cli import options
from crawler.cli.json_lines import write_lines
from crawler.cli.profile_line import profile_line
from crawler.cli.tables import plain_table, words
from crawler.net.guard import parse_proxies, parse_upstream
from crawler.runtime.terminal import Console
from detector.config import CaptureConfig
from detector.workspace import read_config


def profiles(
    names: Annotated[
        list[str] | None, typer.Argument(help="Show these profiles in full.", metavar="NAME", show_default=False)
    ] = None,
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """List the devices, places and referrers that make up a profile."""
    config = read_config(workspace).capture
    known = Profiles.of(config)
    if names or json_target:
        rows = [profile_line(known.named(name), config) for name in names or known.names()]
        if json_target:
            write_lines(json_target, rows)
        else:
            _print_profiles(rows)
        return
    _print_parts(known, config)


def _print_profiles(rows: list[dict[str, object]]) -> None:
    console = Console(highlight=False)
    for row in rows:
        for key, value in row.items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            console.print(f"{key:<11} {'-' if shown is None else shown}", markup=False, soft_wrap=True)
        console.print()


def _print_parts(known: Profiles, config: CaptureConfig) -> None:
    console = Console(highlight=False)
    console.print("A profile is written as [bold]DEVICE\\[-PLACE]\\[@REFERRER][/], such as phone-de@sms.\n")
    devices = plain_table(words("device"), "description", words("viewport"))
    for name, device in known.data.devices.items():
        width, height = device.viewport or (config.viewport_width, config.viewport_height)
        devices.add_row(name, escape(device.title), f"{width} x {height}")
    console.print(devices)
    console.print()
    places = plain_table(words("place"), "description", "languages", words("time zone"), "proxy")
    for name, place in known.data.places.items():
        upstream = parse_proxies(config.proxies).get(name, parse_upstream(config.proxy))
        title = escape(f"{place.title} (default)" if name == DEFAULT_PLACE else place.title)
        places.add_row(name, title, ", ".join(place.languages), place.time_zone, upstream.label if upstream else "-")
    console.print(places)
    console.print()
    referrers = plain_table(words("referrer"), "description", "address")
    for name, referrer in known.data.referrers.items():
        referrers.add_row(name, escape(referrer.title), escape(referrer.url or "-"))
    console.print(referrers)
