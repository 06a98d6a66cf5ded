"""A first workspace: a commented configuration with crawl jobs, and a folder for brands."""

from __future__ import annotations

import errno
import json
from pathlib import Path

from detector.config import CONFIG_NAME
from detector.errors import EnvironmentFault, UsageError
from detector.files import write_atomically
from detector.workspace import DATABASE, OWN_BRANDS

CONFIGURATION = """\
# clonewatch's configuration.  Lines that begin with "# " and have a "=" are examples: remove the "# ".
# All keys: docs/configuration.md.

# Your brands are folders in brands/ beside this file (`clonewatch brands add`, `brands import`); the shipped ones are read too.

[discover]
# Lookalike names are looked up for your own brands.  For shipped ones too, by id; "*" for all of them, which takes long:
# lookalike_brands = ["paypal", "dhl"]
# Resolvers to ask, instead of the system's:
# nameservers = ["192.0.2.53"]

# Lists of suspicious addresses that you may use, files or https addresses:
# [[discover.feeds]]
# name = "reported"
# location = "reported.txt"

# A mailbox in which customers report messages; the password stands in an environment variable:
# [[discover.mailboxes]]
# name = "abuse"
# location = "imaps://abuse@mail.example.com/INBOX"
# password = "ABUSE_PASSWORD"

[capture]
# Pages that are looked at at the same time:
# slots = 4

[schedule]
# Time zone of the crawl jobs below:
timezone = "UTC"
# Where Prometheus and health checks may ask:
# metrics = "127.0.0.1:9464"

# What the sources have found, every hour.  `clonewatch schedule` runs the jobs at their times.
[[schedule.jobs]]
name = "hourly"
cron = "7 * * * *"
sources = ["feeds", "links", "recheck"]
steps = ["discover", "capture", "report"]

# Lookalike names of your brands, every night; then the takedown queue gets what a person has confirmed.
[[schedule.jobs]]
name = "nightly"
cron = "23 2 * * *"
sources = ["permutations"]
steps = ["discover", "capture", "report", "takedown", "tidy"]

[retention]
# Days after which captures of cleared pages are deleted; 0: never.
# cleared_days = 90.0
"""


def configuration(*, database: str = "", metrics: str = "") -> str:
    """Return :data:`CONFIGURATION` with a database (URL) and a place of metrics (``ADDRESS:PORT``) of one's own."""
    text = CONFIGURATION
    if metrics:
        text = text.replace('# metrics = "127.0.0.1:9464"', f"metrics = {json.dumps(metrics)}")
    if database:
        text += f"\n[store]\ndatabase = {json.dumps(database)}\n"
    return text


def make_workspace(folder: Path, *, database: str = "", metrics: str = "") -> None:
    """Make ``folder`` a workspace: a :func:`configuration`, and an empty folder for brands.  What is there already is not touched.

    Raises:
        UsageError: there is a workspace already, or the folder holds other things.
        EnvironmentFault: it cannot be written.
    """
    try:
        there = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise EnvironmentFault(f"{folder} cannot be read ({error.strerror}); name another with --workspace") from error
    for name in (CONFIG_NAME, DATABASE):
        if name in there:
            raise UsageError(f"{folder} is a workspace already: it has {name}; nothing was changed")
    others = [name for name in there if name != OWN_BRANDS and not name.startswith(".")]
    if others:
        raise UsageError(
            f"{folder} holds other things ({', '.join(others[:3])}); name a new or empty folder with --workspace"
        )
    try:
        (folder / OWN_BRANDS).mkdir(parents=True, exist_ok=True)
        write_atomically(folder / CONFIG_NAME, configuration(database=database, metrics=metrics).encode())
    except OSError as error:
        hint = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "check its permissions"
        raise EnvironmentFault(
            f"{folder} cannot be made ({error.strerror}); {hint}, or name another with --workspace"
        ) from error
