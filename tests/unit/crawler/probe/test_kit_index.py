"""Kits of confirmed cases, recognised on other names."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.probe.html.html_facts import read_html
from crawler.probe.kit_index import KitIndex, files_of
from detector.model import CaseState, PageFacts
from detector.store import Store
from tests.support.store.builders import capture, flagged

FILES = ("k/bg9.jpg", "k/form7.css", "k/sms.js", "k/step2.php", "k/logo-x.png")
KIT = (
    f'<title>Sign in</title><link rel=stylesheet href="{FILES[1]}"><script src="{FILES[2]}"></script><img src="{FILES[0]}">'
    f'<img src="{FILES[4]}"><form action="{FILES[3]}"><input name=u><input type=password></form>'
)
ROWS = "".join(
    f"<section><h2>x</h2><ul>{'<li><a><b>' * (n % 4 + 1)}</ul><div><p><span><i>{'<em>' * n}</section>"
    for n in range(12)
)


def facts(document: str, url: str = "https://first.example/") -> PageFacts:
    return read_html(document.encode(), url).facts


@pytest.fixture
def index() -> KitIndex:
    return KitIndex.build(
        [("kumoriva", 7, "first.example", facts(KIT)), ("ostrelin", 8, "second.example", facts(ROWS))]
    )


def test_the_same_files_on_another_name(index: KitIndex) -> None:
    changed = KIT.replace("Sign in", "Anmelden").replace("k/bg9.jpg", "k/bg10.jpg")
    match = index.match(facts(changed, "http://other.example/deep/er/"))
    assert match is not None
    assert (match.brand, match.case_id) == ("kumoriva", 7)
    assert (
        match.sentence
        == "The page loads 4 files with the same names as the page of case 7 (first.example), which was confirmed."
    )


def test_the_same_structure_with_other_words_and_files(index: KitIndex) -> None:
    match = index.match(facts(ROWS.replace("x", "y") + "<p>more</p>", "http://other.example/"))
    assert match is not None
    assert match.brand == "ostrelin"
    assert (
        match.sentence == "The page has the same structure as the page of case 8 (second.example), which was confirmed."
    )


def test_other_pages_are_no_kit(index: KitIndex) -> None:
    assert index.match(facts("<title>Garden</title><p>Roses", "http://other.example/")) is None
    assert index.match(facts(KIT.replace("k/", "https://cdn.example/"), "http://other.example/")) is None
    assert KitIndex.build([]).match(facts(KIT)) is None


def test_files_that_anybody_has_say_nothing() -> None:
    usual = "".join(f'<script src="{name}"></script>' for name in ("jquery.min.js", "main.js", "wp-includes/a.js"))
    assert files_of(facts(usual)) == []
    assert len(files_of(facts(KIT))) == len(FILES)


def test_kits_are_those_of_confirmed_cases(tmp_path: Path) -> None:
    with Store.open(tmp_path / "clonewatch.sqlite") as store:
        for number, state in enumerate((CaseState.CONFIRMED, CaseState.DISMISSED, None)):
            url = f"https://site{number}.example/"
            seen = capture(url, facts=facts(KIT.replace("k/", f"kit{number}/"), url))
            store.record(seen, flagged("kumoriva"))
            case = next(case for case in store.cases.find() if case.site == f"site{number}.example")
            if state is not None:
                store.cases.move(case.id, state, actor="me")
        index = KitIndex.of_store(store)
    assert index.sites == ("site0.example",)
    assert index.match(facts(KIT.replace("k/", "kit0/"), "http://other.example/")) is not None
    assert index.match(facts(KIT.replace("k/", "kit1/"), "http://other.example/")) is None
