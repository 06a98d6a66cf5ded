"""A clone that a person reads and whose own document does not have it: in frames, closed trees, spoiled and drawn letters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from crawler.loopback.web import serving_files
from detector.brands import BrandLibrary
from detector.evidence import Evidence
from detector.frames import with_frames
from detector.model import Decision
from detector.reading import find_tesseract
from tests.support.pages.disguised_clones import BODY, CLONE, ELSEWHERE, HOSTILE, INNOCENT, pages
from tests.support.pages.looks import Looks, looking
from tests.support.pages.sites import needs_browser, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

BRANDS = frozenset(("paypal", "microsoft", "google", "visa"))
DRAWN = frozenset(
    f"written with {name}"
    for name in (
        "a picture of it",
        "a picture of each letter",
        "a field",
        "a field of many lines",
        "the mark of a list",
    )
)
"""Read from the screenshot."""
FEW = (
    "in a frame",
    "in a sandbox",
    "in closed trees in each other",
    "in a closed tree in a frame from elsewhere",
    "written with grapheme joiners",
    "written with letters of no size",
    "written with a reversed row",
)
"""Pages that every test run looks at; the others are ordeals."""
PAGES = [
    pytest.param(name, document, marks=[] if name in FEW else [pytest.mark.ordeal], id=name)
    for name, document in pages().items()
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looks(tmp_path_factory: pytest.TempPathFactory, shipped_library: BrandLibrary) -> AsyncIterator[Looks]:
    config = quick(total_seconds=60.0, navigation_seconds=30.0)
    evidence = Evidence(str(tmp_path_factory.mktemp("evidence")))
    few = BrandLibrary([brand for brand in shipped_library if brand.id in BRANDS])
    async with looking(config, evidence, few) as looks:
        yield looks


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with serving_files({"/clone/": CLONE.encode()}) as server:
        yield server.url("/clone/")


@pytest.mark.parametrize(("name", "document"), PAGES)
async def test_a_clone_is_recognised_wherever_a_person_reads_it(
    name: str, document: str, looks: Looks, elsewhere: str
) -> None:
    if name in DRAWN and find_tesseract() is None:
        pytest.skip("no tesseract here")
    capture, verdict = await looks.at(document.replace(ELSEWHERE, elsewhere))
    assert verdict.brand == "paypal", (capture.facts, verdict.sentence)
    # the letters of a picture each are read as letters apart
    assert verdict.decision in ({Decision.FLAGGED, Decision.REVIEW} if name in DRAWN else {Decision.FLAGGED})
    if name not in DRAWN:
        assert capture.facts is not None
        assert "password" in {field.type for field in with_frames(capture.facts).inputs}


@pytest.mark.parametrize("name", INNOCENT)
@pytest.mark.ordeal
async def test_innocent_pages_with_the_same_means_are_clear(name: str, looks: Looks) -> None:
    capture, verdict = await looks.at(f"<!doctype html><title>Garden shop</title>{INNOCENT[name]}")
    assert verdict.decision is Decision.CLEAR, verdict.sentence
    assert capture.facts is not None
    text = with_frames(capture.facts).text
    assert "Gardening" not in INNOCENT[name] or "Gardening" in text
    assert "PAYPAL" not in text.replace(" ", "")


@pytest.mark.ordeal
async def test_a_clone_in_more_closed_trees_than_are_read_is_not_called_clear(looks: Looks) -> None:
    deep = "<div><template shadowrootmode=closed>" * 40 + BODY + "</template></div>" * 40
    capture, verdict = await looks.at(f"<!doctype html><title>Welcome</title>{deep}")
    assert verdict.decision is not Decision.CLEAR, verdict.sentence
    assert capture.facts is not None
    assert "frames" in capture.facts.limits_reached


@pytest.mark.ordeal
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_page_that_resists_is_read_all_the_same(name: str, looks: Looks, elsewhere: str) -> None:
    _, verdict = await looks.at(f"<!doctype html><title>Welcome</title>{HOSTILE[name]}".replace(ELSEWHERE, elsewhere))
    assert (verdict.decision, verdict.brand) == (Decision.FLAGGED, "paypal"), verdict.sentence
