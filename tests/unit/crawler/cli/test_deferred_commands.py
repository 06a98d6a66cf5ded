"""Commands are loaded when they are called for, and the list that stands for them says what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from crawler.cli import deferred_commands
from crawler.cli.deferred_commands import COMMANDS, DeferredCommand
from detector.errors import UsageError


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_says_what_the_command_says(command: DeferredCommand) -> None:
    loaded = command.load()
    assert loaded.name == command.name
    assert " ".join(loaded.help.partition("\n\n")[0].split()) == command.help


def test_help_waits_for_no_library_of_a_command() -> None:
    ask = "import sys, crawler.cli.app; crawler.cli.app.app(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    *screen, modules = shown.splitlines()
    assert all(any(command.name in line for line in screen) for command in COMMANDS)
    assert {"crawler.cli.deferred_commands", "typer"} <= set(modules.split())
    assert not {"cv2", "numpy", "sqlalchemy", "scrapy", "playwright", "PIL"} & set(modules.split())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_no_word_of_a_help_is_taken_for_markup(command: DeferredCommand) -> None:
    """Rich swallows ``[retention]`` as an unknown style: a section of the configuration is ``retention.…``."""
    texts = list(_texts(command.load()))
    assert texts
    assert [text for text in texts if re.search(r"\[/?[a-z]", text)] == []


def _texts(command: Any) -> Iterator[str]:
    yield from (text for text in (command.help, *(getattr(option, "help", "") for option in command.params)) if text)
    for below in getattr(command, "commands", {}).values():
        yield from _texts(below)


def test_benchmarks_that_are_not_installed_are_said_to_come_with_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])

    monkeypatch.setattr(deferred_commands, "import_module", missing)
    [bench] = [command for command in COMMANDS if command.name == "bench"]
    with pytest.raises(UsageError, match="the benchmarks come with the source of clonewatch only"):
        bench.load()
    [scan] = [command for command in COMMANDS if command.name == "scan"]
    with pytest.raises(ModuleNotFoundError):
        scan.load()
