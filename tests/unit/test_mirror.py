"""The unit tests mirror the source: where a module has none of its own name, a list says which test covers it instead."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.program import ROOT

LIST = Path(__file__).with_name("modules_tested_elsewhere.toml")
PACKAGES = ("crawler", "detector")
MIGRATIONS = "detector/store/migrations/versions"
"""Steps of the schema, which tests/unit/detector/store/test_schema.py takes one after the other."""


def source_modules() -> set[str]:
    """Paths without ``.py`` of all modules of the program; a package's ``__init__`` only says what is public."""
    paths = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {
        str(path.with_suffix("")) for path in paths if path.stem != "__init__" and MIGRATIONS not in path.as_posix()
    }


def has_unit_test(module: str) -> bool:
    path = ROOT / "tests" / "unit" / module
    return path.with_name(f"test_{path.name}.py").exists()


def listed(table: dict[str, Any], parents: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Modules of the list and what covers them."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from listed(value, (*parents, name))
        else:
            yield "/".join((*parents, name)), value


EXCUSED = dict(listed(tomllib.loads(LIST.read_text(encoding="utf-8"))))


def test_every_module_has_a_unit_test_or_is_listed() -> None:
    lacking = {module for module in source_modules() if not has_unit_test(module)}
    assert sorted(lacking - EXCUSED.keys()) == [], (
        f"write tests/unit/PACKAGE/test_MODULE.py, or say in {LIST.name} why not"
    )


def test_the_list_names_modules_that_exist_and_have_no_unit_test() -> None:
    assert sorted(EXCUSED.keys() - source_modules()) == [], "there are no such modules"
    assert sorted(module for module in EXCUSED if has_unit_test(module)) == [], "these have a unit test of their own"


def test_the_list_names_tests_that_exist() -> None:
    tests = {module: said for module, said in EXCUSED.items() if said.endswith(".py")}
    assert {module: said for module, said in tests.items() if not (ROOT / "tests" / said).is_file()} == {}
    reasons = {said for module, said in EXCUSED.items() if module not in tests}
    assert all(said.endswith("without logic") for said in reasons), "all else is tested somewhere"


def test_a_test_of_a_module_stands_where_the_module_stands() -> None:
    """A folder of unit tests is a folder of the source, so that what tests a module is found beside its other tests."""
    folders = {
        path.parent.relative_to(ROOT / "tests" / "unit") for path in (ROOT / "tests" / "unit").rglob("test_*.py")
    }
    assert sorted(str(folder) for folder in folders if not (ROOT / folder).is_dir()) == []
