"""``clonewatch bench year``, a small one: every URL gets its verdict, every number is found, every case is handed over."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.year.audit import account
from benchmarks.year.plan import Kind, Place, plan
from benchmarks.year.server import impersonated
from detector.workspace import Workspace
from tests.support.pages.sites import needs_browser
from tests.support.program import clonewatch, clonewatch_process, make_brand

pytestmark = [*needs_browser, pytest.mark.ordeal]

COUNT = 40


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], str]:
    """A year that was worked off: its workspace, its brands and what the command said."""
    folder = tmp_path_factory.mktemp("year")
    brands = [make_brand(folder / "brands")]
    done = clonewatch_process("bench", "year", "--urls", str(COUNT), "--folder", folder / "ws", "--brands", brands[0])
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "ws", brands, done.stdout


def _places(worked: tuple[Path, list[Path], str], opened: Workspace) -> tuple[list[Place], int]:
    port = urlsplit(next(iter(opened.store.captures.stream()))[1].url).port
    assert port is not None
    return plan(COUNT, impersonated(worked[1])), port


def test_every_url_number_and_case_is_accounted_for(worked: tuple[Path, list[Path], str]) -> None:
    said = worked[2]
    assert "nothing is lost" in said
    assert "LOST" not in said
    assert "20 of 20 found, 0 others" in said
    rows = {
        row.split()[0]: row.split()[1:] for row in said.splitlines() if row.split()[:1] and row.split()[0] in list(Kind)
    }
    assert {kind: row[0] for kind, row in rows.items()} == {
        "clone": "12", "scam": "10", "ordinary": "12", "dead": "4", "hostile": "2",
    }  # fmt: skip
    # what honest people put there is not flagged, and a name that is gone was not looked at
    assert rows["ordinary"][1:3] == ["0", "0"]
    assert rows["dead"][1:5] == ["0", "0", "0", "4"]
    assert rows["scam"][-1] == rows["clone"][-1] == "100.0%"
    assert re.search(r"22 flagged, 22 in the takedown queue", said)


def test_what_is_lost_is_named(worked: tuple[Path, list[Path], str]) -> None:
    with Workspace.open(worked[0]) as opened:
        places, port = _places(worked, opened)
        assert account(opened, places, port).missing == []
        case = next(case for case in opened.store.cases.stream())
        page = opened.reports_dir / "cases" / f"{case.id}.html"
        page.rename(page.with_suffix(".away"))
        scam = next(
            place for place in plan(2 * COUNT, impersonated(worked[1])) if place.numbers and place.number > COUNT
        )
        found = account(opened, [*places, scam], port)
        page.with_suffix(".away").rename(page)
        told = "; ".join(found.missing)
        assert f"{COUNT + 1} URLs should be done" in told
        assert f"no verdict, 1 times: {scam.url(port)}" in told
        assert f"a case has no page, 1 times: {case.site}" in told


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = clonewatch("bench", "year", "--urls", "20", "--folder", tmp_path)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
