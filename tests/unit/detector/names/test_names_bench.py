"""Name matching on the labelled names: the figures of docs/discovery.md, with room for small changes of the brands."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.name_triage import LOOKALIKES, read_benign, read_phishing, recall_of, rightly_selected
from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def triage(shipped_library: BrandLibrary) -> Triage:
    return Triage(shipped_library)


def test_few_benign_names_are_selected(bench_folder: Path, triage: Triage) -> None:
    names = read_benign(bench_folder / "names")
    selected = [names[position] for position, _ in triage.sift(names)]
    assert 0 < len(selected) <= len(names) / 1000, selected


def test_most_urls_with_the_name_of_their_brand_are_selected(
    bench_folder: Path, triage: Triage, shipped_library: BrandLibrary
) -> None:
    rows = read_phishing(bench_folder / "names", shipped_library)
    readable = recall_of(rows, triage, "word")
    assert readable.rows > 800
    assert readable.found / readable.rows >= 0.98
    assert readable.selected / readable.rows >= 0.94
    letters = recall_of(rows, triage, "letters")
    assert letters.selected / letters.rows >= 0.2
    assert recall_of(rows, triage, "").selected > 200  # mistyped names


def test_nearly_all_lookalikes_of_2026_are_selected_for_the_brand_that_they_name(
    bench_folder: Path, triage: Triage, shipped_library: BrandLibrary
) -> None:
    rows = [row for row in read_phishing(bench_folder / "names", shipped_library, LOOKALIKES) if row.trace]
    assert len(rows) > 700
    assert rightly_selected(rows, triage) / len(rows) >= 0.95
