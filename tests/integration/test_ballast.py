"""Clones behind thousands of elements that say nothing: the same verdict as without them, from the real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from benchmarks.evasion.changes import ordinary
from benchmarks.evasion.innocents import KINDS as INNOCENT
from benchmarks.evasion.marks import invented, mark_of_brand
from detector.brands import BrandLibrary
from detector.evidence import Evidence
from detector.model import Decision
from detector.reading import find_tesseract
from tests.support.pages.ballast import OTHERS, SCAM, Ballast, loaded, long_text, picture_page
from tests.support.pages.looks import Looks, looking
from tests.support.pages.sites import needs_browser, quick

pytestmark = [*needs_browser, pytest.mark.ordeal, pytest.mark.asyncio(loop_scope="module")]

MANY, SOME = 60_000, 5000
AROUND: dict[str, Callable[[str], str]] = {
    ballast.name: ballast.around
    for ballast in (
        Ballast("icon", "", count=MANY),
        Ballast("div", "none", count=MANY, nested=True),
        Ballast("span", "tiny", count=SOME),
        Ballast("paragraph", "opacity", "around", count=SOME),
        Ballast("input", "none", count=SOME),
        Ballast("input", "below", count=300),
        Ballast("select", "off", "around", count=SOME),
        Ballast("form", "zero", count=SOME),
        Ballast("picture", "pixel", count=SOME),
        Ballast("svg", "below", "around", count=3000),
        Ballast("background", "off", count=SOME),
        Ballast("link", "below", "after", count=SOME),
        Ballast("label", "visibility", count=SOME),
        Ballast("input", "frame", count=SOME),
        Ballast("picture", "shadow", count=SOME),
        Ballast("template", count=MANY),
        Ballast("icon link", count=SOME),
    )
} | {
    name: OTHERS[name]
    for name in ("text of a million characters, tiny", "text of a million characters, below", "a thousand fonts")
}
AROUND |= {
    ballast.name: ballast.around
    for ballast in (
        Ballast("comment", count=MANY),
        Ballast("script", "", "after", count=MANY),
        Ballast("style sheet", count=SOME),
        Ballast("meta", "", "around", count=MANY),
        Ballast("hidden input", count=MANY),
        Ballast("button", "opacity", count=SOME),
        Ballast("number", "off", "around", count=SOME),
        Ballast("details", "below", count=SOME),
        Ballast("option", "none", "around", count=MANY),
    )
} | {name: around for name, around in OTHERS.items() if name not in AROUND}
CLONES = ("text", "picture", "scam")
"""A sign-in page, its picture without any field, and a tech-support scam; each is put behind a third of the ballast."""
PAIRS = [(CLONES[number % 3], name) for number, name in enumerate(AROUND)] + [
    ("picture", "icon-before"),
    ("picture", "text of a million characters, below"),
    ("scam", "text of a million characters, tiny"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looks(tmp_path_factory: pytest.TempPathFactory, shipped_library: BrandLibrary) -> AsyncIterator[Looks]:
    evidence = Evidence(str(tmp_path_factory.mktemp("evidence")))
    config = quick(total_seconds=60.0, navigation_seconds=30.0)
    async with looking(config, evidence, shipped_library) as looks:
        paypal = shipped_library.get("paypal")
        assert paypal is not None
        document = ordinary(mark_of_brand(paypal), "card").render().replace("<body >", "<body>")
        capture, _ = await looks.at(document)
        assert capture.screenshot is not None
        looks.clones = {"text": document, "picture": picture_page(evidence.get(capture.screenshot)), "scam": SCAM}
        yield looks


@pytest.mark.parametrize(
    ("clone", "name"),
    [pytest.param(clone, name, id=f"{clone} {name}") for clone, name in PAIRS],
)
async def test_a_clone_behind_ballast_is_judged_as_without_it(looks: Looks, clone: str, name: str) -> None:
    if clone == "picture" and find_tesseract() is None:
        pytest.skip("no tesseract here: make setup installs one")
    brand = "microsoft" if clone == "scam" else "paypal"
    capture, verdict = await looks.at(loaded(looks.clones[clone], AROUND[name]))
    assert (verdict.decision, verdict.brand) == (Decision.FLAGGED, brand), f"{verdict.sentence} {capture.note}"


@pytest.mark.parametrize("clone", CLONES)
async def test_a_page_without_ballast_reaches_no_limit(looks: Looks, clone: str) -> None:
    facts = await looks.facts(looks.clones[clone])
    assert facts.limits_reached == ()
    assert (facts.unseen_text, facts.view_text) == (0, None)


async def test_what_is_kept_of_too_much_comes_from_every_part_of_the_page(looks: Looks) -> None:
    links = "".join(f"<a href='/{part}/{n}'>l</a> " for part in ("first", "then", "last") for n in range(1500))
    fields = "".join(f"<p><input name=f{n}>" for n in range(300))
    facts = await looks.facts(
        f"<title>x</title><body>{links}<form action=/a>{fields}<input type=password name=secret></form>"
        f"<form action=/end method=post><textarea name=end></textarea></form>"
    )
    assert {link.split("/")[3] for link in facts.links} == {"first", "then", "last"}
    assert len(facts.links) == 2000
    names = [field.name for field in facts.inputs]
    assert {"f0", "secret", "end"} <= set(names)
    assert {"/a", "/end"} <= {"/" + form.action.rpartition("/")[2] for form in facts.forms}
    assert {"links", "fields"} <= set(facts.limits_reached)


async def test_invisible_elements_do_not_count_towards_limits(looks: Looks) -> None:
    hidden = Ballast("picture", "off", count=3000).around("") + Ballast("input", "scale", count=3000).around("")
    facts = await looks.facts(f"<title>x</title><body>{hidden}<img alt=mark width=300 height=90><input name=seen>")
    assert "mark" in [image.alt for image in facts.images]
    assert [field.name for field in facts.inputs] == ["seen"]
    assert facts.limits_reached == ()


async def test_text_that_nobody_can_read_is_told_apart(looks: Looks) -> None:
    facts = await looks.facts(
        f"<title>x</title><body><div style='opacity:0'>{long_text(900)}</div><p>Six words that all can read."
    )
    assert facts.unseen_text == 900
    assert facts.text.endswith("Six words that all can read.")
    long = await looks.facts(
        f"<title>x</title><body><div style='font-size:1px'>{long_text(30_000)}</div><p>Seen.<p>Twice."
    )
    assert long.text == "Seen.\nTwice."


async def test_a_long_list_of_links_and_a_long_book_are_no_reason_for_doubt(looks: Looks) -> None:
    archive = "<h1>Courier archive</h1>" + "".join(
        f"<p><a href='/{n}'>What happened on day {n}</a>" for n in range(5000)
    )
    _, verdict = await looks.at(f"<title>Courier archive</title><body>{archive}<footer>© 2026 Lowmoor Courier</footer>")
    assert verdict.decision is Decision.CLEAR
    assert "the limit of links" in verdict.sentence
    album = "".join(f"<img alt=p{n} width=120 height=90>" for n in range(900))
    _, verdict = await looks.at(f"<title>Album</title><body><h1>Our album</h1>{album}")
    assert verdict.decision is Decision.CLEAR


@pytest.mark.parametrize("kind", ["news", "review", "shop", "social sign-in", "trusted-by wall"])
async def test_innocent_pages_with_a_long_text_are_not_flagged(
    looks: Looks, shipped_library: BrandLibrary, kind: str
) -> None:
    marks = [mark_of_brand(brand) for name in ("paypal", "netflix") if (brand := shipped_library.get(name))]
    document = INNOCENT[kind](invented(3), [*marks, invented(90), invented(91)], 3)
    _, plain = await looks.at(document)
    _, verdict = await looks.at(loaded(document, lambda body: f"{body}<p>{long_text(60_000)}"))
    assert verdict.decision is plain.decision is Decision.CLEAR


async def test_a_form_is_found_behind_buttons_that_nobody_sees(looks: Looks) -> None:
    show = "document.getElementById('later').hidden = false"
    login = "<form method=post action=/x><input name=user type=email><input name=pw type=password></form>"
    ballast = "".join(
        f"<button type=button style='{style}'>Continue to part {n}</button>"
        for n in range(3000)
        for style in ("opacity:0;position:absolute;top:0", "position:absolute;top:5000px")
    )
    button = f'<button type=button style="position:absolute;top:300px" onclick="{show}">Continue</button>'
    capture, _ = await looks.at(
        f"<title>x</title><body>{ballast}<p>A document waits.</p>{button}<div id=later hidden>{login}</div>"
    )
    assert [click.label for click in capture.clicks] == ["Continue"]
    assert capture.facts is not None
    assert [field.type for field in capture.facts.inputs] == ["email", "password"]


async def test_a_page_that_fills_itself_late_is_waited_for_in_spite_of_ballast(looks: Looks) -> None:
    hidden = Ballast("input", "opacity", count=100).around("") + f"<div style='opacity:0'>{long_text(2000)}</div>"
    fill = "setTimeout(() => { root.innerHTML = '<form><input type=password name=late></form>' }, 1200)"
    facts = await looks.facts(f"<title>x</title><body>{hidden}<div id=root></div><script>{fill}</script>")
    assert "late" in [field.name for field in facts.inputs]


async def test_a_frame_deep_inside_others_is_read(looks: Looks) -> None:
    inner = "<input type=password name=deep>"
    for _ in range(7):
        inner = f"<template shadowrootmode=open>{inner}</template>"
        inner = f"<div>{inner}</div>"
    facts = await looks.facts(f"<title>x</title><body>{inner}")
    assert [field.name for field in facts.inputs] == ["deep"]
    assert facts.limits_reached == ()
