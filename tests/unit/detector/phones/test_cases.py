"""Precision and recall of the numbers that are found in texts, over tests/cases/phones.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.phones.locales import own_regions
from detector.phones.number_text import FoundNumber, find_in_text

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "phones.yml").read_text(encoding="utf-8")
)
DOCS = (Path(__file__).parents[4] / "docs" / "phones.md").read_text(encoding="utf-8")


def find(case: dict[str, Any]) -> tuple[FoundNumber, ...]:
    return find_in_text(case["text"], own_regions(case.get("language", ""), case.get("url", "")))


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found = find(case)
    assert [one.number for one in found] == case.get("phones", [])
    assert [one.vanity for one in found] == [case.get("vanity", False)] * len(found)
    for one in found:
        assert case["text"][one.start : one.end] == one.raw


def test_precision_and_recall() -> None:
    right = wrong = wanted = 0
    for case in CASES:
        expected, found = set(case.get("phones", [])), {one.number for one in find(case)}
        right += len(expected & found)
        wrong += len(found - expected)
        wanted += len(expected)
    traps = sum("phones" not in case for case in CASES)
    said = f"{len(CASES)} labelled pieces of text: {len(CASES) - traps} with numbers"
    assert said in DOCS
    assert f"disguised, and {traps} traps" in DOCS
    assert right / (right + wrong) == 1.0
    assert right / wanted == 1.0
