"""Commands whose code is loaded when they are called for: ``clonewatch status`` waits for no browser and no picture library.

The list says what ``--help`` and a shell's completion show; everything else of a command stands at its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from crawler.runtime.import_pause import end_loading


@dataclass(frozen=True, slots=True)
class DeferredCommand:
    """A command, or a group of commands, and where it is."""

    name: str
    place: str
    """``module:attribute``, below :mod:`crawler.cli.commands` unless it has dots: a function, or a :class:`typer.Typer`."""
    help: str
    """The first paragraph of its own help."""

    def load(self) -> Any:
        """The command itself (of the type that Typer and Click share; Typer has its own copy of it)."""
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(module if "." in module else f"crawler.cli.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command()(found)
            command = get_command(alone)
        command.name = self.name
        end_loading()
        return command


PANELS: dict[str, tuple[DeferredCommand, ...]] = {
    "Find and look": (
        DeferredCommand(
            "scan", "scan:scan", "Capture and judge URLs now; print a table, and with --json one line a URL."
        ),
        DeferredCommand(
            "run",
            "run:run",
            "Discover, capture, judge and report until nothing is due; stopped at any moment, it goes on where it was.",
        ),
        DeferredCommand(
            "discover",
            "discover:discover",
            "Ask the sources for suspicious URLs and put what is worth a look into the backlog.",
        ),
        DeferredCommand(
            "triage",
            "triage:triage",
            "Score names and URLs against all brands at once, and say why. Nothing is looked up or fetched.",
        ),
        DeferredCommand(
            "probe",
            "probe:probe",
            "Fetch the front page and icon of every name that is due, and send on to the browser those that speak of a brand.",
        ),
        DeferredCommand(
            "rejudge",
            "rejudge:rejudge",
            "Judge cleared pages anew, after a brand was added or the detector has learned.",
        ),
        DeferredCommand(
            "compare", "compare:compare", "Judge pictures without a browser, with the page facts that lie beside them."
        ),
    ),
    "Review and hand over": (
        DeferredCommand(
            "report", "report:report", "Write the flagged sites as HTML pages that open from disk, without a network."
        ),
        DeferredCommand("cases", "cases:app", "Look at cases, confirm or dismiss them."),
        DeferredCommand("phones", "phones:app", "Look at the telephone numbers that pages show."),
        DeferredCommand("takedown", "takedown:app", "Hand proven cases to the takedown desk."),
        DeferredCommand("evidence", "evidence:app", "Seal, stamp, export and verify evidence."),
    ),
    "Every day, on any number of machines": (
        DeferredCommand(
            "schedule",
            "schedule:app",
            "Run crawl jobs at their times, again and again; without a command: until it is stopped.",
        ),
        DeferredCommand("status", "status:status", "Show backlog, sources, runs, crawl jobs and cases."),
        DeferredCommand(
            "worker",
            "worker:worker",
            "Capture and judge what is due until stopped: any number of workers, on any machines that reach the database.",
        ),
        DeferredCommand(
            "dispatch",
            "worker:dispatch",
            "Send what is due to the broker's queue, for the workers, until stopped; a second one does no harm.",
        ),
        DeferredCommand(
            "backup",
            "keeping:backup",
            "Copy the workspace while it is in use; the copy is a workspace, and the next backup into it copies what is new.",
        ),
        DeferredCommand(
            "tidy",
            "keeping:tidy",
            "Delete captures of cleared pages that are older than retention.cleared_days, and files that nothing names.",
        ),
        DeferredCommand("doctor", "doctor:doctor", "Say what is missing on this machine and how to get it."),
    ),
    "Brands, profiles, measures": (
        DeferredCommand("brands", "brands:app", "See, check and extend the brands that are watched for."),
        DeferredCommand(
            "profiles", "profiles:profiles", "List devices, places and referrers that profiles are made of."
        ),
        DeferredCommand(
            "bench",
            "benchmarks.command:app",
            "Measure the detector on labelled data, the speed of captures, and a year's work.",
        ),
    ),
}
"""What ``--help`` shows, in its order."""
COMMANDS = tuple(chain.from_iterable(PANELS.values()))


class DeferredCommandGroup(TyperGroup):
    """A group of :data:`COMMANDS`: what is listed is their names and help, what is run is loaded."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._deferred = {each.name: each for each in COMMANDS}
        for panel, commands in PANELS.items():
            for each in commands:
                self.add_command(TyperCommand(each.name, help=each.help, rich_help_panel=panel))

    def resolve_command(self, ctx: Any, args: Sequence[str]) -> Any:
        """As Click does; then the command itself takes the place of its entry in the list."""
        name, listed, rest = super().resolve_command(ctx, list(args))
        return name, self._deferred[name].load() if name in self._deferred else listed, rest
