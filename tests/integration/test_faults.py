"""A short ordeal: workers and browsers killed, a database that goes away, a disk that fills; every candidate ends once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fault.ordeal import Ordeal, is_whole
from benchmarks.faults import suffer
from tests.support.pages.sites import needs_browser
from tests.support.servers.rabbitmq import NoRabbitError

pytestmark = [*needs_browser, pytest.mark.ordeal, pytest.mark.heavy, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("database", "disk", "broker"),
    [("sqlite", "600m", False), ("postgresql", "", False), ("postgresql", "", True)],
)
def test_nothing_is_lost_and_nothing_done_twice(
    tmp_path: Path, database: str, disk: str, broker: bool, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        request.getfixturevalue("postgres")  # skips where there is none
    ordeal = Ordeal(
        60, 2 if broker else 3, database, pause=(0.5, 3.0), lease_seconds=15.0, disk=disk, broker=broker, seconds=600.0
    )
    try:
        outcome = suffer(tmp_path, ordeal)
    except NoRabbitError as error:
        pytest.skip(str(error))
    assert is_whole(ordeal, outcome), outcome
    assert outcome.faults.total() >= 3
    assert outcome.flagged == 6
