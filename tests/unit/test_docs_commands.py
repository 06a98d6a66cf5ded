"""Every command that the documentation shows is one that the program takes, with these options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.cli.deferred_commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_IN_BLOCK = re.compile(r"^(?:\.venv/bin/)?clonewatch (.*?)(?:\s{2,}\S.*|\s+#.*)?$", re.MULTILINE)
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?:\.venv/bin/)?clonewatch ([^`]+)`")


def shown() -> Iterator[tuple[str, str]]:
    """(page, words after ``clonewatch``) of each command in code blocks and in code within sentences."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in _BLOCK.findall(text):
            yield from ((page.name, line) for line in _IN_BLOCK.findall(block))
        yield from ((page.name, line) for line in _INLINE.findall(_BLOCK.sub("", text)))


SHOWN = sorted(each for each in set(shown()) if "COMMAND" not in each[1])


def test_there_is_something_to_check() -> None:
    assert len(SHOWN) > 40


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[f"{page}: {line}" for page, line in SHOWN])
def test_a_documented_command_exists_with_its_options(page: str, line: str) -> None:
    words = [word.strip("[]().") for word in shlex.split(line.replace("[", " ").replace("]", " "))]
    words = [word for word in words if word]
    names = {command.name: command for command in COMMANDS}
    assert words[0] in names, f"{page} shows `clonewatch {line}`"
    command = names[words[0]].load()
    options: set[str] = set()
    for word in words[1:]:
        inner = getattr(command, "commands", {}).get(word)
        command = inner or command
    for parameter in command.params:
        options.update(parameter.opts, parameter.secondary_opts)
    unknown = [word for word in words if re.fullmatch(r"--?[a-z][a-z0-9-]*", word) and word not in options]
    assert not unknown, f"{page} shows `clonewatch {line}`; {words[0]} does not know {', '.join(unknown)}"


def test_every_page_is_linked_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        if page.name != "index.md":
            assert f"]({page.name})" in index, page.name


def test_links_between_pages_lead_somewhere() -> None:
    for page in (*PAGES, *(ROOT / "docs" / "decisions").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
