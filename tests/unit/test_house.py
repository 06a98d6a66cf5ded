"""Limits that keep the house easy to find one's way in; docs/architecture.md quotes the figures."""

from __future__ import annotations

import re
import sys
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


def test_docstrings_say_what_is_done_and_ask_no_question() -> None:
    opening = re.compile(r'^ *"""(What|Who|Whom|Whose|Whether|Where|Why|How) ', re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for package in ("crawler", "detector")
        for path in sorted((ROOT / package).rglob("*.py"))
        for match in opening.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
