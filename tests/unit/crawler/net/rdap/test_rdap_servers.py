"""The cached list of RDAP servers: how old it is taken to be."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from crawler.net.rdap.rdap_servers import _age


@pytest.mark.parametrize(
    ("ahead", "oldest"),
    [(-86_400, 86_460), (0, 60), (600, 0), (3 * 86_400, float("inf")), (10 * 365 * 86_400, float("inf"))],
)
def test_a_list_that_a_clock_ahead_has_written_is_renewed(tmp_path: Path, ahead: float, oldest: float) -> None:
    path = tmp_path / "rdap.json"
    path.touch()
    os.utime(path, (time.time() + ahead,) * 2)
    age = _age(path)
    assert age == oldest if oldest in {0, float("inf")} else oldest - 60 <= age <= oldest


def test_a_list_that_is_missing_is_as_old_as_can_be(tmp_path: Path) -> None:
    assert _age(tmp_path / "none") == float("inf")
