"""``clonewatch worker``: look at what is due, and wait for more."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.commands import options
from crawler.output import Teller
from crawler.recorder import recorded
from crawler.steps import Steps
from crawler.workspace import Workspace


def worker(
    brand: options.BrandIds = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
    slots: options.Slots = None,
    timeout: options.Timeout = None,
    patience: Annotated[
        float, typer.Option("--patience", min=0.1, metavar="SECONDS", help="How often an idle worker asks for work.")
    ] = 5.0,
) -> None:
    """Capture and judge what is due until stopped: any number of workers, on any machines that reach the database.

    It gives back what it has claimed when it is stopped; what a killed one had claimed comes back when its leases end.
    """
    capture = options.capture_overrides(resolve, allow_private, slots, timeout)
    with Workspace.open(workspace, capture=capture, brands=brands) as opened:
        only = options.known_brands(opened.library(), brand or ())
        teller = Teller(total=None, json_target=None)
        with recorded(opened.store.runs) as recorder, teller:
            Steps(opened, recorder, only).capture(teller.count, patience=patience)
