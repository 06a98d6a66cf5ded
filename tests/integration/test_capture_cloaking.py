"""Second looks: pages that hide from the first visitor are found, pages that only vary are not called cloaked."""

# ruff: noqa: E501 - a page of the tests reads best on one line

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from crawler.cli.result_line import result_line
from crawler.examine.examination_result import ExaminationResult
from detector.evidence import Evidence
from detector.model import Decision, Outcome
from tests.support.pages.cloaking_site import (
    CLONE,
    CLONE_HOST,
    GARDEN,
    OFFICIAL_HOST,
    Reply,
    Route,
    Stage,
    Visitor,
    examine_all,
)
from tests.support.pages.sites import needs_browser, page

pytestmark = [*needs_browser, pytest.mark.ordeal]

WALL = page(
    "<h1>One more step</h1><p>Verify you are human</p><div class=cf-turnstile data-sitekey=0x4AAAAAAAtestkey01 style='width:300px;height:65px'></div>"
)
PARKED = page("<h1>glimmer-login.test</h1><p>This domain is for sale. Make an offer.</p>")
NAV = "".join(
    f'<a href="/{word}">{word.title()}</a> ' for word in ("soil", "seeds", "weather", "tools", "letters", "about")
)
WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "inlet", "jetty", "knoll", "lagoon")


def hides(shown_first: Callable[[Visitor], Reply]) -> Route:
    """The clone for phones, something else for everybody else."""
    return lambda visitor: Reply(CLONE) if visitor.phone else shown_first(visitor)


def responsive(visitor: Visitor) -> Reply:
    """One document that phones show otherwise: no navigation, other sizes, a menu in its place."""
    style = "<style>nav{float:left;width:30%}@media(max-width:600px){nav,.wide{display:none}h1{font-size:60px}body{background:#012;color:#fff}}</style>"
    side = f"<nav>{NAV}</nav><aside class=wide>{' '.join(f'Notes on {word} and its uses.' for word in WORDS)}</aside>"
    return Reply(page(f"{side}{GARDEN}", title="Potting shed", head=style))


def two_documents(visitor: Visitor) -> Reply:
    """Another document for phones, with the gist of the same."""
    if visitor.phone:
        return Reply(
            page(f"<button>☰ Menu</button>{GARDEN[:330]}…</p><a href=/more>Read on</a>", title="Potting shed (mobile)")
        )
    return Reply(
        page(
            f"<nav>{NAV}</nav>{GARDEN}<p>Letters to the editor are welcome, in ink if possible.</p>",
            title="Potting shed",
        )
    )


def rotating(visitor: Visitor) -> Reply:
    """Other advertisements, another time and another counter at each visit."""
    dice = random.Random(visitor.count)
    adverts = "".join(
        f"<aside>Buy {word} and {dice.choice(WORDS)} now, only {dice.randrange(99)} left!</aside>"
        for word in dice.sample(WORDS, 6)
    )
    return Reply(
        page(
            f"<p>12:{visitor.count:02}:{dice.randrange(60)} – visitor {dice.randrange(10**6)}</p>{adverts}{GARDEN}",
            title=f"Potting shed ({dice.randrange(100)})",
        )
    )


def variants(visitor: Visitor) -> Reply:
    """An A/B test: another headline, colour and button."""
    head = (
        "<h1 style='color:#b00'>Everything about soil</h1>",
        "<h1 style='background:#0b0'>Grow your own beans today</h1>",
    )[visitor.count % 2]
    return Reply(
        page(
            f"{head}{GARDEN}<button type=button>{('Read', 'Discover')[visitor.count % 2]}</button>",
            title="Potting shed",
        )
    )


def coin(visitor: Visitor) -> Reply:
    """Another page at every visit, whoever comes."""
    other = (
        "<h1>Harbour news</h1><p>Tide tables, ferry delays and a lighthouse keeper's column about fog horns, ropes and rum.</p>"
        + NAV.replace("/", "/sea/")
    )
    return Reply(page(other if visitor.count in (0, 3) else GARDEN))


def translated(visitor: Visitor) -> Reply:
    """The same skeleton in another language."""
    english, german = ("Welcome to our garden shop with tools for spring", "Account help", "Your basket"), (
        "Willkommen in unserem Gartenladen mit Werkzeug für das Frühjahr", "Hilfe zum Konto", "Dein Warenkorb")  # fmt: skip
    words = german if visitor.phone else english
    return Reply(
        page(
            f"<h1>{words[0]}</h1><a href=/spring>{words[1]}</a><a href=/help>{words[2]}</a><a href=/basket>→</a><img src=/a.png>"
        )
    )


CLOAKED: dict[str, tuple[Route, str]] = {
    "/decoy": (hides(lambda _: Reply(page(GARDEN, title="Potting shed"))), "ok"),
    "/not-found": (hides(lambda _: Reply(page("<h1>Not found</h1>"), 404)), "http_404"),
    "/unavailable": (hides(lambda _: Reply(page("<h1>Come back later</h1>"), 503)), "http_503"),
    "/blank": (hides(lambda _: Reply(b"<!doctype html><title></title>")), "blank"),
    "/parked": (hides(lambda _: Reply(PARKED)), "parked"),
    "/wall": (hides(lambda _: Reply(WALL)), "captcha"),
    "/official": (hides(lambda v: Reply(status=302, location=f"http://{OFFICIAL_HOST}:{v.headers['host'].partition(':')[2]}/home")), "ok"),
    "/script": (lambda v: Reply(page("<div id=a></div><script>if (navigator.maxTouchPoints) { document.write(`" + CLONE.decode() + "`) } else { a.textContent = 'Soon' }</script>")), "ok"),
}  # fmt: skip
"""Path -> the page, and the outcome of the first view."""

THE_SAME: dict[str, Route] = {
    "/responsive": responsive,
    "/two-documents": two_documents,
    "/two-documents-reversed": lambda visitor: two_documents(Visitor(visitor.path, {"user-agent": "" if visitor.phone else "Mobile"}, 0)),
    "/rotating": rotating,
    "/variants": variants,
    "/translated": translated,
    "/gone": lambda _: Reply(page("<h1>Not found</h1>"), 404),
    "/for-sale": lambda visitor: Reply(page(f"<p>This domain is for sale.</p><p>Related: {WORDS[visitor.count % 12]}</p>")),
    "/walled": lambda _: Reply(WALL),
    "/coin": coin,
}  # fmt: skip

OTHERS: dict[str, Route] = {
    "/clone": lambda _: Reply(CLONE),
    "/notice": lambda v: Reply(
        page(
            f"<h1>Glimmer</h1><p>Your Glimmer account was limited.</p><a href='http://{OFFICIAL_HOST}:{v.headers['host'].partition(':')[2]}/sign-in'>Sign in</a>",
            title="Glimmer – account limited",
        )
    ),
    "/sign-in": lambda _: Reply(CLONE),
    "/home": lambda _: Reply(page(f"<h1>Glimmer</h1>{NAV}", title="Glimmer")),
    "/elsewhere": lambda _: Reply(page(f"{GARDEN}{NAV}", title="Potting shed")),
}
Seen = tuple[Stage, dict[str, ExaminationResult], Evidence]


@pytest.fixture(scope="module")
def seen() -> Seen:
    """All addresses examined once, several at a time."""
    stage = Stage({path: route for path, (route, _) in CLOAKED.items()} | THE_SAME | OTHERS)
    evidence = Evidence("memory://cloaking")
    paths = [*CLOAKED, *THE_SAME, "/clone"]
    urls = {path: f"http://{CLONE_HOST}:{{port}}{path}" for path in paths}
    urls["harmless name"] = "http://potting-shed.test:{port}/elsewhere"
    urls["notice"] = f"http://{CLONE_HOST}:{{port}}/notice"
    urls["official"] = f"http://{OFFICIAL_HOST}:{{port}}/home"

    async def look() -> dict[str, ExaminationResult]:
        async with stage.serving():
            results = await examine_all(stage, urls, evidence)
            once = await examine_all(stage, {"once": f"http://{CLONE_HOST}:{{port}}/decoy"}, evidence, second_looks=0)
        return results | once

    return stage, asyncio.run(look()), evidence


@pytest.mark.parametrize("path", CLOAKED)
def test_what_hides_from_the_first_visitor_is_found(path: str, seen: Seen) -> None:
    _, results, evidence = seen
    result = results[path]
    capture = result.capture
    assert result.verdict.decision is Decision.FLAGGED, result.verdict.sentence
    assert result.verdict.brand == "glimmer"
    assert capture.profile != "desktop"
    assert capture.cloaked.startswith("As desktop it")
    assert f"as {capture.profile} it shows “{capture.facts.title if capture.facts else ''}”" in capture.cloaked
    assert "asks for something" in capture.cloaked
    (other,) = capture.others
    assert (other.profile, other.outcome) == ("desktop", CLOAKED[path][1])
    assert other.others == ()
    assert capture.screenshot is not None
    assert other.screenshot is not None
    assert evidence.get(other.screenshot) != evidence.get(capture.screenshot)
    assert capture.bundle is not None
    assert other.bundle is not None
    line = result_line(result)
    assert line["cloaked"] == capture.cloaked
    assert [entry["profile"] for entry in line["others"]] == ["desktop"]
    assert line["others"][0]["screenshot"]


@pytest.mark.parametrize("path", THE_SAME)
def test_a_page_that_merely_varies_is_not_cloaked(path: str, seen: Seen) -> None:
    stage, results, _ = seen
    assert any("Mobile" in agent for agent in stage.agents[path]), "it was never looked at again"
    assert results[path].capture.cloaked == ""
    assert results[path].capture.others == ()
    assert results[path].verdict.decision is not Decision.FLAGGED


def test_a_page_that_changes_by_itself_says_so(seen: Seen) -> None:
    _, results, _ = seen
    assert "changes from visit to visit" in results["/coin"].capture.note
    assert "the page was the same" in results["/rotating"].capture.note


def test_outcomes_of_pages_that_show_everybody_the_same(seen: Seen) -> None:
    _, results, _ = seen
    assert results["/gone"].capture.outcome == "http_404"
    assert results["/for-sale"].capture.outcome == Outcome.PARKED
    walled = results["/walled"].capture
    assert walled.outcome == Outcome.CAPTCHA
    assert walled.challenge is not None
    assert (walled.challenge.vendor, walled.challenge.site_key) == ("turnstile", "0x4AAAAAAAtestkey01")
    assert result_line(results["/walled"])["challenge"]["blocking"] is True


@pytest.mark.parametrize("name", ["/clone", "harmless name", "official"])
def test_one_look_is_enough_where_nothing_speaks_for_another(name: str, seen: Seen) -> None:
    stage, results, _ = seen
    path = "/" + results[name].capture.url.rpartition("/")[2]
    assert not any("Mobile" in agent for agent in stage.agents[path])
    assert results[name].capture.others == ()


def test_second_looks_can_be_switched_off(seen: Seen) -> None:
    _, results, _ = seen
    assert results["once"].capture.profile == "desktop"
    assert results["once"].capture.cloaked == ""
    assert results["once"].verdict.decision is not Decision.FLAGGED


def test_evidence_is_kept_of_suspects_only(seen: Seen) -> None:
    _, results, _ = seen
    assert results["/clone"].capture.bundle is not None
    assert results["harmless name"].capture.bundle is None
    assert results["/gone"].capture.bundle is None


def test_a_click_that_leads_to_the_brand_itself_does_not_clear_the_page_before_it(seen: Seen) -> None:
    stage, results, _ = seen
    result = results["notice"]
    assert result.verdict.decision in (Decision.FLAGGED, Decision.REVIEW)
    assert result.capture.final_url == stage.url("/notice")
    (click,) = result.capture.clicks
    assert click.url == stage.url("/sign-in", OFFICIAL_HOST)
    assert result.capture.facts is not None
    assert not result.capture.facts.inputs
