"""A brand added with one logo and one domain, by the users' command: its clones are recognised at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.evasion.changes import CHANGES, ordinary
from benchmarks.evasion.marks import invented
from benchmarks.evasion.pages import LAYOUTS
from benchmarks.evasion.render import Made, render
from benchmarks.labelled_pages import judge_pages, load_pages
from detector.brands import load_library
from detector.model import Decision
from tests.support.pages.sites import needs_browser
from tests.support.program import clonewatch

pytestmark = needs_browser
SHIPPED = Path(__file__).resolve().parents[2] / "brand_assets"
KINDS = ("none", "no title", "logo only", "logo shifted", "dark mode", "homoglyph text")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new-brand")


def test_pages_of_a_new_brand_are_identified(place: Path) -> None:
    mark = replace(invented(41), id="the-new-one")
    other = invented(42)
    logo = place / "logo.svg"
    logo.write_text(mark.svg, encoding="utf-8")
    (place / "brands").mkdir()
    added = clonewatch(
        *("brands", "add", mark.name, "--id", mark.id, "--domain", "the-new-one.example", "--logo", str(logo)),
        *("--brands", str(place / "brands")),
    )
    assert added.returncode == 0, added.stderr
    sheet = ordinary(mark, LAYOUTS[0])
    made = [
        Made(kind.replace(" ", "-"), CHANGES[kind](sheet, mark, other).render(), mark.id, kind, "") for kind in KINDS
    ]
    stranger = Made("stranger", ordinary(other, LAYOUTS[0]).render(), None, "another company", "")
    assert render([*made, stranger], place / "pages") == len(KINDS) + 1
    outcomes = list(judge_pages(load_pages(place / "pages"), load_library([SHIPPED, place / "brands"])))
    found = {outcome.page.variant: (outcome.verdict.decision, outcome.verdict.brand) for outcome in outcomes}
    assert found.pop("another company")[0] is Decision.CLEAR
    missed = {
        kind: answer
        for kind, answer in found.items()
        if answer[1] != mark.id or answer[0] not in {Decision.FLAGGED, Decision.REVIEW}
    }
    assert missed == {}
    assert sum(decision is Decision.FLAGGED for decision, _ in found.values()) >= len(KINDS) - 1
