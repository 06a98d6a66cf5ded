"""Clones that hide their brand, and innocent pages that show logos: made by code, captured by the real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

from benchmarks.evasion.changes import CHANGES, ONE_PICTURE
from benchmarks.evasion.innocents import KINDS
from benchmarks.evasion.marks import chosen_brands, invented, mark_of_brand
from benchmarks.evasion.render import Made, one_picture, render
from benchmarks.evasions import clones
from benchmarks.labelled_pages import Outcome, judge_pages, load_pages, same_brand
from detector.brands import BrandLibrary
from detector.model import Decision
from detector.reading import find_tesseract
from tests.support.pages.sites import needs_browser

pytestmark = [*needs_browser, pytest.mark.ordeal, pytest.mark.heavy]
BRANDS = 2
SENT_ON = {Decision.FLAGGED, Decision.REVIEW}


@pytest.fixture(scope="module")
def pages(shipped_library: BrandLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evasions")
    marks = [mark_of_brand(brand) for brand in chosen_brands(shipped_library, BRANDS)]
    innocent = [
        Made(
            kind.replace(" ", "-"), make(invented(number), [*marks, invented(90), invented(91)], number), None, kind, ""
        )
        for number, (kind, make) in enumerate(KINDS.items())
    ]
    made = list(clones(marks))
    assert render([*made, *innocent], folder) == BRANDS * len(CHANGES) + len(KINDS)
    whole = [
        one_picture(
            folder / "clones" / f"{page.name}.png",
            Made(page.name.replace("__none__", "__one-picture__"), "", page.brand, ONE_PICTURE, ""),
        )
        for page in made
        if page.kind == "none"
    ]
    assert render(whole, folder) == BRANDS
    return folder


@contextmanager
def one_thread() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@pytest.fixture(scope="module")
def outcomes(pages: Path, shipped_library: BrandLibrary) -> list[Outcome]:
    with one_thread():
        return list(judge_pages(load_pages(pages), shipped_library))


def missed(outcomes: list[Outcome], library: BrandLibrary) -> list[str]:
    return [
        f"{outcome.page.picture.stem}: {outcome.verdict.sentence}"
        for outcome in outcomes
        if outcome.page.clone
        and not (
            outcome.verdict.decision in SENT_ON and same_brand(library, outcome.verdict.brand, outcome.page.label or "")
        )
    ]


def test_every_evasion_is_identified(outcomes: list[Outcome], shipped_library: BrandLibrary) -> None:
    assert {outcome.page.variant for outcome in outcomes if outcome.page.clone} == {*CHANGES, ONE_PICTURE}
    assert missed(outcomes, shipped_library) == []


def test_innocent_pages_are_not_flagged(outcomes: list[Outcome]) -> None:
    innocent = [outcome for outcome in outcomes if not outcome.page.clone]
    assert len(innocent) == len(KINDS)
    flagged = [
        f"{o.page.picture.stem}: {o.verdict.sentence}" for o in innocent if o.verdict.decision is Decision.FLAGGED
    ]
    assert flagged == []


@pytest.mark.skipif(find_tesseract() is None, reason="no tesseract here: make setup installs one")
def test_clones_are_identified_by_their_pictures_alone(pages: Path, shipped_library: BrandLibrary) -> None:
    with one_thread():
        outcomes = list(judge_pages(load_pages(pages), shipped_library, facts=False))
    assert len(missed(outcomes, shipped_library)) <= BRANDS
    assert [o.page.picture.stem for o in outcomes if not o.page.clone and o.verdict.decision is Decision.FLAGGED] == []
