"""The published figures hold on the labelled pages beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.labelled_pages import judge_pages, load_pages, same_brand, summarise
from detector.brands import BrandLibrary
from detector.errors import UsageError
from detector.judge import Judge


@pytest.mark.ordeal
@pytest.mark.bench
def test_clones_are_identified_and_benign_pages_left_alone(bench_folder: Path, shipped_library: BrandLibrary) -> None:
    outcomes = list(judge_pages(load_pages(bench_folder), shipped_library))
    report = summarise(outcomes, shipped_library, Judge(shipped_library))
    assert report.labelled == 62
    assert report.benign == 78
    assert report.identified / report.labelled >= 0.95
    assert report.flagged_right / report.labelled >= 0.90
    assert report.benign_flagged == 0
    assert report.benign_review <= 1


def test_labels_are_compared_by_what_they_name(shipped_library: BrandLibrary) -> None:
    assert same_brand(shipped_library, "stackoverflow", "stackoverflow")
    assert same_brand(shipped_library, "best-buy", "bestbuy")
    assert same_brand(shipped_library, "facebook", "messenger")
    assert not same_brand(shipped_library, "messenger", "facebook")
    assert same_brand(shipped_library, "apple", "icloud")
    assert not same_brand(shipped_library, None, "paypal")
    assert not same_brand(shipped_library, "google", "paypal")


def test_folder_without_pages_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="clones"):
        load_pages(tmp_path)
