"""Print the figures of the house: modules a folder, repeated names, lengths of files and functions.

    python tools/house_figures.py [FOLDER]

``docs/architecture.md`` quotes them; ``tests/unit/test_house.py`` holds the limits.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PACKAGES = ("crawler", "detector")


@dataclass(frozen=True, slots=True)
class HouseFigures:
    """Figures of the structure of both packages."""

    modules: int
    rooms: dict[str, int]
    """Modules directly in each folder, ``__init__`` not counted."""
    repeated_basenames: dict[str, int]
    """File names that more than one module of a package has, with the number of modules; ``__init__`` not counted."""
    shared_classes: dict[str, int]
    """``package:ClassName`` of module-level classes that are defined more than once in a package."""
    file_lines: tuple[float, int]
    """Median and longest."""
    function_lines: tuple[float, int]
    """Median and longest."""


def measure(root: Path) -> HouseFigures:
    """Measure the packages below ``root``; migrations are left out: they are frozen history."""
    rooms: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    classes: Counter[str] = Counter()
    files: list[int] = []
    functions: list[int] = []
    for path in _modules(root):
        package = path.relative_to(root).parts[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        files.append(len(path.read_text(encoding="utf-8").splitlines()))
        if path.name != "__init__.py":
            rooms[str(path.parent.relative_to(root))] += 1
            names[package, path.stem] += 1
        classes.update(f"{package}:{node.name}" for node in tree.body if isinstance(node, ast.ClassDef))
        functions.extend(_function_lines(tree))
    return HouseFigures(
        modules=sum(rooms.values()),
        rooms=dict(rooms.most_common()),
        repeated_basenames={stem: count for (_, stem), count in names.most_common() if count > 1},
        shared_classes={name: count for name, count in classes.most_common() if count > 1},
        file_lines=(median(files), max(files)),
        function_lines=(median(functions), max(functions)),
    )


def _modules(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _function_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def as_table(found: HouseFigures) -> list[tuple[str, str]]:
    """(name, figure) of each row of the table in ``docs/architecture.md``."""
    room, count = next(iter(found.rooms.items()))
    return [
        ("modules; the largest folder", f"{found.modules}; {count} in `{room}/`"),
        (
            "modules that share their basename with another one of the package",
            str(sum(found.repeated_basenames.values())),
        ),
        ("class names that a package defines twice or more", str(len(found.shared_classes))),
        ("lines a file, median and longest", f"{found.file_lines[0]:.0f}, {found.file_lines[1]}"),
        ("lines a function, median and longest", f"{found.function_lines[0]:.0f}, {found.function_lines[1]}"),
    ]


def main() -> None:
    """Print the figures as the rows of a Markdown table."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    for name, figure in as_table(measure(root)):
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
