"""The pages of tests/cases, judged with the shipped brands: clones are sent on, innocent pages are not flagged.

Pages of organisations, places, people, species and products that carry a brand's word are made by code from their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.model import Capture, Decision, Outcome, PageFacts, Verdict
from tests.support.pages.namesakes import LOOKS, pages_of, sign_in_page

CASES = Path(__file__).resolve().parents[2] / "cases"
RANK = {Decision.CLEAR: 0, Decision.REVIEW: 1, Decision.FLAGGED: 2}


def load(name: str) -> list[Any]:
    entries: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text())
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


@pytest.fixture(scope="module")
def judge(shipped_library: BrandLibrary) -> Judge:
    return Judge(shipped_library)


def names_in(file: str) -> list[tuple[str, str]]:
    """Names of holders with the id of the brand whose word they hold."""
    by_brand: dict[str, list[str]] = yaml.safe_load((CASES / file).read_text())
    return [(brand, name) for brand, names in by_brand.items() for name in names]


def verdict_of(judge: Judge, entry: dict[str, Any]) -> Verdict:
    return verdict_on(judge, msgspec.convert(entry["facts"], PageFacts))


def verdict_on(judge: Judge, facts: PageFacts) -> Verdict:
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


def test_pages_of_holders_of_longer_names_are_not_flagged(judge: Judge) -> None:
    names = names_in("longer_names.yml")
    assert len(set(names)) >= 300
    verdicts = [
        (facts.url, facts.title, verdict_on(judge, facts))
        for number, (_, name) in enumerate(names)
        for _, facts in pages_of(name, number)
    ]
    flagged = [seen for seen in verdicts if seen[2].decision is Decision.FLAGGED]
    review = [seen for seen in verdicts if seen[2].decision is Decision.REVIEW]
    assert not flagged
    assert len(review) <= 0.01 * len(verdicts), review


def test_made_up_names_in_other_looks_are_not_flagged(judge: Judge) -> None:
    names: list[str] = yaml.safe_load((CASES / "made_up_longer_names.yml").read_text())
    verdicts = [verdict_on(judge, sign_in_page(name, look)) for name in names for look in range(LOOKS)]
    unclear = [verdict.sentence for verdict in verdicts if verdict.decision is not Decision.CLEAR]
    assert not [verdict.sentence for verdict in verdicts if verdict.decision is Decision.FLAGGED]
    assert len(unclear) <= 0.01 * len(verdicts), unclear


def test_the_brands_own_business_and_coined_words_make_no_longer_name(judge: Judge) -> None:
    escaped = [
        (facts.url, facts.title, verdict.sentence)
        for number, (brand, name) in enumerate(names_in("borrowed_names.yml"))
        for kind, facts in pages_of(name, number)
        if kind == "sign-in"
        if (verdict := verdict_on(judge, facts)).decision is not Decision.FLAGGED or verdict.brand != brand
    ]
    assert not escaped


def test_a_clone_does_not_escape_by_words_of_campaigns(judge: Judge) -> None:
    endings: list[str] = yaml.safe_load((CASES / "campaign_names.yml").read_text())
    names = [ending.format(name) for ending in endings for name in ("Apple", "Amazon", "Santander", "Yahoo")]
    pages = [facts for name in names for look in (0, 3) for facts in [sign_in_page(name, look)]]
    assert [facts.title for facts in pages if verdict_on(judge, facts).decision is Decision.CLEAR] == []
