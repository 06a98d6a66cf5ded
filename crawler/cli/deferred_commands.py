"""Commands that are imported when they are called, so that ``clonewatch status`` starts without loading a browser library.

The table below holds what ``--help`` and shell completion show; a test compares it with the commands themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from crawler.cli.plain_help import make_plain
from crawler.runtime.import_pause import resume_garbage_collector
from detector.errors import UsageError


@dataclass(frozen=True, slots=True)
class DeferredCommand:
    """A command, or a group of commands, and the module to import it from."""

    name: str
    place: str
    """``module:attribute``, below :mod:`crawler.cli.commands` unless it has dots: a function, or a :class:`typer.Typer`."""
    help: str
    """The first paragraph of the command's own help."""

    def load(self) -> Any:
        """Import the command and return it as Typer's own kind of Click command, for which there is no public type.

        Raises:
            UsageError: the command is available only in a checkout of the source.
        """
        module, _, attribute = self.place.partition(":")
        found = getattr(_import(module if "." in module else f"crawler.cli.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command()(found)
            command = get_command(alone)
        command.name = self.name
        make_plain(command)
        resume_garbage_collector()
        return command


PANELS: dict[str, tuple[DeferredCommand, ...]] = {
    "Find and judge": (
        DeferredCommand("scan", "scan:scan", "Capture and judge URLs now; print a table, or write JSON lines."),
        DeferredCommand(
            "run",
            "run:run",
            "Discover, capture, judge and report until nothing is due; if stopped, it continues at the next call.",
        ),
        DeferredCommand(
            "discover",
            "discover:discover",
            "Ask the sources for suspicious URLs and put those worth a capture into the backlog.",
        ),
        DeferredCommand(
            "triage",
            "triage:triage",
            "Score names and URLs against all brands, with reasons; nothing is looked up or fetched.",
        ),
        DeferredCommand(
            "probe",
            "probe:probe",
            "Fetch front page and icon of every due name over plain HTTP; pages that hint at a brand go to the backlog.",
        ),
        DeferredCommand(
            "rejudge",
            "rejudge:rejudge",
            "Judge cleared pages again, after brands were added or the detector was updated.",
        ),
        DeferredCommand(
            "compare",
            "compare:compare",
            "Judge screenshots without a browser, with page facts from files beside them.",
        ),
    ),
    "Review and hand over": (
        DeferredCommand(
            "report", "report:report", "Write the flagged sites as HTML pages that open from disk, without a network."
        ),
        DeferredCommand("cases", "cases:app", "List cases, confirm or dismiss them."),
        DeferredCommand("phones", "phones:app", "List the telephone numbers that captured pages show."),
        DeferredCommand("takedown", "takedown:app", "Hand proven cases to the takedown desk."),
        DeferredCommand("evidence", "evidence:app", "Sign, time-stamp, export and verify evidence."),
    ),
    "Operate": (
        DeferredCommand(
            "schedule", "schedule:app", "Run the crawl jobs of clonewatch.toml at their times until stopped."
        ),
        DeferredCommand("status", "status:status", "Show backlog, sources, runs, crawl jobs and cases."),
        DeferredCommand(
            "worker",
            "worker:worker",
            "Capture and judge due candidates until stopped; run any number of workers, on any machines that reach the "
            "database.",
        ),
        DeferredCommand(
            "dispatch",
            "worker:dispatch",
            "Send due candidates to the broker's queue until stopped; more than one dispatcher does no harm.",
        ),
        DeferredCommand(
            "backup",
            "keeping:backup",
            "Copy the workspace while it is in use; the copy is a workspace too, and the next backup into it copies only "
            "what is new.",
        ),
        DeferredCommand(
            "tidy",
            "keeping:tidy",
            "Delete captures of cleared pages that are older than retention.cleared_days, and files that nothing refers "
            "to.",
        ),
        DeferredCommand("doctor", "doctor:doctor", "Check this machine, and say what is missing and how to get it."),
    ),
    "Set up and measure": (
        DeferredCommand(
            "init",
            "init:init",
            "Make a workspace with a commented configuration, a folder for brands and first crawl jobs.",
        ),
        DeferredCommand("brands", "brands:app", "List, check and extend the brands that are watched for."),
        DeferredCommand(
            "profiles", "profiles:profiles", "List the devices, places and referrers that make up a profile."
        ),
        DeferredCommand(
            "demo", "crawler.demo.command:demo", "Catch clones of two made-up brands on this very machine."
        ),
        DeferredCommand(
            "bench",
            "benchmarks.command:app",
            "Measure the detector on labelled data, the speed of captures, and a year's work.",
        ),
    ),
}
"""Commands by the panel of ``--help`` that they stand in, in its order."""
COMMANDS = tuple(chain.from_iterable(PANELS.values()))


class DeferredCommandGroup(TyperGroup):
    """A group of :data:`COMMANDS` that lists them from the table and imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        make_plain(self)
        self._deferred = {each.name: each for each in COMMANDS}
        for panel, commands in PANELS.items():
            for each in commands:
                self.add_command(TyperCommand(each.name, help=each.help, rich_help_panel=panel))

    def resolve_command(self, ctx: Any, args: Sequence[str]) -> Any:
        """Resolve as Click does, then replace the entry of the table by the command itself."""
        name, listed, rest = super().resolve_command(ctx, list(args))
        return name, self._deferred[name].load() if name in self._deferred else listed, rest


def _import(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != "benchmarks":
            raise
        raise UsageError(
            "the benchmarks come with the source of clonewatch only: run `clonewatch bench` in a checkout"
        ) from error
