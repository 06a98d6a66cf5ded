"""Limits on names, folders and lengths that keep the code easy to navigate; docs/architecture.md quotes the figures."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.house_figures import HouseFigures, as_table, measure  # noqa: E402  tools are no installed package

MOST_MODULES, LONGEST_FUNCTION = 20, 60


@pytest.fixture(scope="module")
def house() -> HouseFigures:
    """Figures of this checkout."""
    return measure(ROOT)


def test_no_room_holds_more_than_twenty_modules(house: HouseFigures) -> None:
    assert {room: count for room, count in house.rooms.items() if count > MOST_MODULES} == {}


def test_class_names_are_unique_in_their_package(house: HouseFigures) -> None:
    assert house.shared_classes == {}


def test_no_function_is_longer_than_a_screen(house: HouseFigures) -> None:
    assert house.function_lines[1] <= LONGEST_FUNCTION


def test_the_architecture_page_quotes_todays_figures(house: HouseFigures) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name, figure in as_table(house):
        row = next((line for line in page.splitlines() if line.startswith(f"| {name} |")), "")
        assert row.endswith(f"| {figure} |"), (
            f"run python tools/house_figures.py: {name} is {figure}, the page says {row!r}"
        )


PACKAGES = ("crawler", "detector", "benchmarks", "tools")


def test_docstrings_say_what_is_done_and_ask_no_question() -> None:
    opening = re.compile(r'^ *"""(What|Who|Whom|Whose|Whether|Where|Why|How) ', re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for package in (*PACKAGES, "tests", "training")
        for path in sorted((ROOT / package).rglob("*.py"))
        for match in opening.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


RAISES = re.compile(r"^( *)Raises:\n((?:\1 +.*\n?)+)", re.MULTILINE)
RAISED = re.compile(r"([A-Za-z_][\w.]*(?:, [A-Za-z_][\w.]*)*):")


def raised_names(tree: ast.Module) -> Iterator[str]:
    """Names of the exceptions that docstrings list under ``Raises:``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            for indent, section in RAISES.findall((ast.get_docstring(node, clean=False) or "") + "\n"):
                first = re.compile(rf"^{indent} {{4}}(?! )(.*)$", re.MULTILINE)
                for line in first.findall(section):
                    names = RAISED.match(line)
                    assert names is not None, f"expected EXCEPTION: reason, not {line!r}"
                    yield from names[1].split(", ")


def is_exception(name: str, known: set[str], imported: dict[str, str]) -> bool:
    """Tell whether a name is defined or imported somewhere in the house, is built in, or is an exception of an imported module."""
    if name in known or isinstance(getattr(builtins, name, None), type):
        return True
    root, *rest = name.split(".")
    found: object = importlib.import_module(imported[root]) if rest and root in imported else None
    for part in rest:
        found = getattr(found, part, None)
    return isinstance(found, type) and issubclass(found, Exception)


def test_exceptions_that_docstrings_promise_exist() -> None:
    """A class that was renamed leaves its old name in the docstrings of its callers, where no other tool looks."""
    trees = {
        path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    known = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    known |= {a.asname or a.name for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}
    modules = {a.asname or a.name: a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    missing = [
        f"{path}: {name}"
        for path, tree in trees.items()
        for name in raised_names(tree)
        if not is_exception(name, known, modules)
    ]
    assert missing == []
