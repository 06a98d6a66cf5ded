"""Hostile pages and names all at once, as ``benchmarks/hostile.py`` measures them: none is lost, and no clone among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.farm.hostile_names import BEHAVIOURS
from benchmarks.hostile import probe_names, scan_pages

pytestmark = pytest.mark.ordeal


@pytest.mark.browser
def test_every_page_has_a_line(tmp_path: Path) -> None:
    run, outcomes, lost = scan_pages(tmp_path, 12, 12)
    assert run.code in (0, 10)
    assert lost == []
    assert outcomes.total() == 12


def test_every_name_is_sent_on_or_remembered(tmp_path: Path) -> None:
    count = 3 * len(BEHAVIOURS)
    run, fates, missed = probe_names(tmp_path, count)
    assert run.code == 0
    assert missed == []
    assert fates["due"] == 0
    assert fates.total() == count
    assert fates["to be probed again"] >= len(BEHAVIOURS) / 2
