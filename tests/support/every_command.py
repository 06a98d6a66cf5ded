"""Every command of the command line as data, to run all of them in an environment in which something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crawler.cli.deferred_commands import COMMANDS
from tests.support.program import BRAND, ROOT

ELSEWHERE = frozenset({"demo", "bench"})
"""Commands that make workspaces of their own and run for minutes; they have tests of their own."""
WITHOUT_WORKSPACE = frozenset({"evidence verify"})
WITHOUT_BRANDS = frozenset(
    name
    for name in yaml.safe_load((ROOT / "tests" / "cases" / "commands.yml").read_text(encoding="utf-8"))
    if name.split()[0]
    in {"cases", "phones", "evidence", "schedule", "status", "dispatch", "backup", "tidy", "profiles", "init"}
) | {"takedown list"}
NO_BROWSER = {"CLONEWATCH_BROWSER": "/nonexistent/browser"}
DOCUMENTED = frozenset({0, 2, 3, 4, 10, 11})
"""Exit codes of docs/cli.md without 1, a bug, and 130, an interrupt."""


@cache
def every_command() -> dict[str, list[str]]:
    """Arguments by the command's name, for each command in tests/cases/commands.yml."""
    found: dict[str, list[str]] = yaml.safe_load(
        (ROOT / "tests" / "cases" / "commands.yml").read_text(encoding="utf-8")
    )
    return found


def names() -> Iterator[str]:
    """Names of all commands that the program has, groups left out that do nothing by themselves."""
    for each in COMMANDS:
        if each.name not in ELSEWHERE:
            yield from _leaves(each.name, each.load())


def _leaves(name: str, command: Any) -> Iterator[str]:
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield name
    for word, each in below.items():
        yield from _leaves(f"{name} {word}", each)


def words_of(name: str, folder: Path, workspace: Path) -> list[str]:
    """Arguments of a command that works in ``workspace`` and finds its files in ``folder``, see :func:`prepare`."""
    out = folder / "out"
    places = {
        "list": folder / "list.txt",
        "table": folder / "table.csv",
        "picture": folder / "picture.png",
        "out": out,
    }
    words = [word.format(**places) for word in every_command()[name]]
    if name not in WITHOUT_WORKSPACE:
        words += ["-w", str(workspace)]
    if name not in WITHOUT_BRANDS:
        words += ["--brands", str(folder / "brands")]
    return words


def prepare(folder: Path) -> None:
    """Make the files that the commands read: a list, a table, something that should be a picture, and the made-up brand."""
    from tests.support.program import make_brand

    (folder / "out").mkdir()
    (folder / "list.txt").write_text(f"http://{BRAND}-login.test/\n", encoding="utf-8")
    (folder / "table.csv").write_text("name,domains\nThistlewick,thistlewick.example\n", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"no picture")
    make_brand(folder / "brands")
