"""The brand's official page in the view of a case."""

from __future__ import annotations

from detector.model import Logo, OfficialPage
from detector.present.official_page import MAX_LOGOS, choose_logos, choose_page
from tests.support.store.report_cases import finding

PAGES = tuple(OfficialPage(name, f"/{name}.png") for name in ("home", "signin", "checkout"))


def test_the_page_that_a_finding_names_comes_first() -> None:
    said = finding("screenshot_hash", 0.8, sentence="Close to the official page “checkout”.")
    assert choose_page(PAGES, (said,)) is PAGES[2]


def test_else_the_sign_in_page_else_the_first_else_none() -> None:
    assert choose_page(PAGES, ()) is PAGES[1]
    assert choose_page(PAGES[::2], ()) is PAGES[0]
    assert choose_page((), ()) is None


def test_logos_of_every_kind_before_repetitions_and_history_last() -> None:
    logos = (
        Logo("/old.svg", "mark", era="historical"),
        *(Logo(f"/mark{n}.svg", "mark") for n in range(8)),
        Logo("/word.svg", "wordmark"),
    )
    chosen = [logo.path for logo in choose_logos(logos, ())]
    assert chosen[:3] == ["/word.svg", "/mark0.svg", "/old.svg"]
    assert len(chosen) == MAX_LOGOS


def test_the_logo_that_a_finding_names_comes_first() -> None:
    logos = (
        Logo("/b/wordmark.svg", "wordmark"),
        Logo("/b/mark.svg", "mark"),
        Logo("/b/old.svg", "mark", era="historical"),
    )
    said = finding(sentence="The logo of Glimmer (old.svg) is shown.")
    assert [logo.path for logo in choose_logos(logos, (said,))] == ["/b/old.svg", "/b/wordmark.svg", "/b/mark.svg"]
    inside = finding(sentence="The logo of Glimmer (wordmark.svg) is shown.")
    assert choose_logos(logos[1:], (inside,))[0].path == "/b/mark.svg"
    silent = finding(measure=0.0, sentence="(old.svg) was not found.")
    assert choose_logos(logos, (silent,))[0].path == "/b/wordmark.svg"


def test_of_one_kind_the_brand_comes_before_its_products() -> None:
    logos = tuple(Logo(f"/b/{name}.svg", "wordmark") for name in ("wordmark-windows", "wordmark"))
    assert choose_logos(logos, ())[0].path == "/b/wordmark.svg"
