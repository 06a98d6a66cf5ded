"""Names of each kind that users reported, selected or not (``tests/cases/lookalike_names.yml``), with the shipped brands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary
from detector.model import Brand

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "lookalike_names.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shipped(shipped_library: BrandLibrary) -> Triage:
    return Triage(shipped_library)


def triage_of(row: dict[str, Any], shipped: Triage) -> Triage:
    """Return the triage of the row's own brand, or of the shipped ones."""
    own = row.get("own")
    if own is None:
        return shipped
    return Triage(
        BrandLibrary([Brand(id="own", name=own["name"], names=(own["name"],), domains=tuple(own["domains"]))])
    )


def wrong_of(row: dict[str, Any], triage: Triage) -> Iterator[str]:
    for brand, names in row.get("selected", {}).items():
        for name in names:
            score = triage.score_name(name)
            if not score.selected or score.brand != brand:
                yield f"{name}: {score.brand} {score.score}, expected {brand}: {'; '.join(score.reasons)}"
            if [place for place, _ in triage.sift([name])] != [0]:
                yield f"{name}: dropped by the sieve"
    for name in row.get("none", ()):
        score = triage.score_name(name)
        if score.selected:
            yield f"{name}: {score.brand} {score.score}, expected nothing: {'; '.join(score.reasons)}"


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row['row']}-{row.get('own', {}).get('name', 'shipped')}")
def test_names_are_selected_for_the_right_brand_and_others_are_not(row: dict[str, Any], shipped: Triage) -> None:
    assert not list(wrong_of(row, triage_of(row, shipped)))
