"""The pages of tests/cases, judged with the shipped brands: clones are sent on, innocent pages are not flagged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.model import Capture, Decision, Outcome, PageFacts, Verdict

CASES = Path(__file__).resolve().parents[2] / "cases"
RANK = {Decision.CLEAR: 0, Decision.REVIEW: 1, Decision.FLAGGED: 2}


def load(name: str) -> list[Any]:
    entries: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text())
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


@pytest.fixture(scope="module")
def judge(shipped_library: BrandLibrary) -> Judge:
    return Judge(shipped_library)


def verdict_of(judge: Judge, entry: dict[str, Any]) -> Verdict:
    facts = msgspec.convert(entry["facts"], PageFacts)
    return judge.judge(Capture(facts.url, Outcome.OK, final_url=facts.url, facts=facts), lambda: None)


@pytest.mark.parametrize("entry", load("innocent_pages.yml"))
def test_innocent_page_is_not_flagged(judge: Judge, entry: dict[str, Any]) -> None:
    verdict = verdict_of(judge, entry)
    limit = Decision(entry.get("at_most", "review"))
    assert RANK[verdict.decision] <= RANK[limit], verdict.sentence


@pytest.mark.parametrize("entry", load("clone_pages.yml"))
def test_clone_is_sent_on_with_the_right_brand(judge: Judge, entry: dict[str, Any]) -> None:
    verdict = verdict_of(judge, entry)
    assert verdict.brand == entry["brand"], verdict.sentence
    assert RANK[verdict.decision] >= RANK[Decision(entry["at_least"])], (verdict.probability, verdict.sentence)
