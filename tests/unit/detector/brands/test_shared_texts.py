"""Dialogs and pages that many sites share, over tests/cases/shared_pages.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.brands import asks_for_consent, page_fault, without_consent
from detector.brands.shared_texts import consent_lines
from detector.model import InputField, PageFacts

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "shared_pages.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["text"])[:30])
def test_kinds(case: dict[str, Any]) -> None:
    inputs = (InputField("email"), InputField("password")) if case.get("typed") else (InputField("checkbox"),)
    facts = PageFacts(title=case["title"], text=case["text"], inputs=inputs)
    assert page_fault(facts) == case.get("fault", "")
    assert asks_for_consent(case["text"]) is case.get("consent", False)
    left = without_consent(case["text"]).splitlines()
    assert [line for line in case.get("own", ()) if line not in left] == []
    if case.get("consent") and "own" in case:
        assert left == case["own"]


def test_a_long_page_that_mentions_an_error_is_itself() -> None:
    text = (
        "Error code list. An error occurred is what the customer reads. "
        + "Our customers trust us with their money. " * 40
    )
    assert page_fault(PageFacts(text=text)) == ""


def test_long_texts_are_bounded() -> None:
    text = "We use cookies\nAccept all\n" + "word\n" * 20_000
    assert asks_for_consent(text)
    assert len(consent_lines(text.splitlines())) == 20_002
