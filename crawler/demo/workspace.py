"""Create the demo's workspace: a folder with a configuration for the demo's servers, and the made-up brands."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from crawler.demo.logos import made_up_brands
from crawler.demo.server import DemoServers
from crawler.demo.sites import load_sites
from detector.config import CONFIG_NAME, default_brands_dir
from detector.errors import UsageError

MARKER = ".made-by-the-clonewatch-demo"
BRANDS = "brands"


def fresh_workspace(folder: Path, servers: DemoServers) -> Path:
    """Create the folder with ``clonewatch.toml`` and the made-up brands; return its absolute path.

    A folder of an earlier demo is deleted first; any other folder is left alone.

    Raises:
        UsageError: the folder exists, holds something, and was not made by the demo.
    """
    folder = folder.expanduser().absolute()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder; name another with --workspace")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise UsageError(
                f"{folder} was not made by the demo and is left as it is; name another folder with --workspace"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("The demo deletes this folder when it starts again.\n", encoding="utf-8")
    _copy_brands(folder / BRANDS, servers)
    (folder / CONFIG_NAME).write_text(configuration(folder, servers), encoding="utf-8")
    return folder


def _copy_brands(target: Path, servers: DemoServers) -> None:
    """Copy the made-up brands, with the ports of this run in their sign-in addresses."""
    shutil.copytree(made_up_brands(), target)
    official = [entry for entry in load_sites() if entry.kind == "official"]
    for path in target.glob("*/brand.toml"):
        text = path.read_text(encoding="utf-8")
        for entry in official:
            text = text.replace(f'"{entry.url}"', f'"{servers.url(entry)}"')
        path.write_text(text, encoding="utf-8")


def configuration(folder: Path, servers: DemoServers) -> str:
    """Return the text of ``clonewatch.toml`` for a run against the demo's servers, and nothing else."""
    text_feed, csv_feed = servers.feed_urls
    # Chromium's sandbox needs a user other than root; every page that this run can reach is the demo's own.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return f"""\
# Written by the demo for its servers of this run.
brands = {_list([str(default_brands_dir()), str(folder / BRANDS)])}

[capture]
resolve = {_list(servers.resolve)}
allow_private = {_list(servers.allow_private)}
total_seconds = 25.0
navigation_seconds = 10.0
no_sandbox = {"true" if root else "false"}

[discover]
nameservers = {_list([servers.nameserver])}
url_ports = [{servers.https_port}]
schemes = ["https"]

[[discover.feeds]]
name = "visitors"
location = {json.dumps(text_feed)}
format = "text"

[[discover.feeds]]
name = "abuse-desk"
location = {json.dumps(csv_feed)}
format = "csv"
"""


def _list(values: Iterable[str]) -> str:
    # JSON lists of strings without surrogates are valid TOML
    return json.dumps(list(values), ensure_ascii=False)
