"""docs/store.md says what the code does."""

from __future__ import annotations

import re

from detector.config import StoreConfig
from detector.model import CASE_MOVES
from detector.store.backlog.lease_recovery import PROMOTE_LIMIT
from detector.store.engine import BUSY_SECONDS
from detector.store.models import TableBase
from tests.support.program import ROOT

TEXT = (ROOT / "docs" / "store.md").read_text()


def rows(header: str) -> dict[str, str]:
    """First and second column of the table that starts with ``header``."""
    table = TEXT.split(header, 1)[1].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    return {first.strip("`"): second for first, second, *_ in cells}


def test_the_ways_of_a_case() -> None:
    documented = {state: set(re.findall(r"`(\w+)`", ways)) for state, ways in rows("| from | to |").items()}
    assert documented == {str(state): {str(way) for way in ways} for state, ways in CASE_MOVES.items()}


def test_the_tables() -> None:
    assert set(rows("| table | a row is | found by |")) == set(TableBase.metadata.tables)


def test_the_figures() -> None:
    assert f"(`store.lease_seconds`, {StoreConfig().lease_seconds:.0f})" in TEXT
    assert f"`store.max_attempts` ({StoreConfig().max_attempts}) times" in TEXT
    assert f"wait up to {BUSY_SECONDS:.0f} seconds" in TEXT
    assert f"each claim moves {PROMOTE_LIMIT:,} of them" in TEXT
