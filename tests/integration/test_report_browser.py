"""The report in a real browser, opened from disk: inert, usable, and quiet on the network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from crawler.browser.browser_program import find_browser
from detector.model import Box
from detector.report import report_writer
from tests.support.pages.report_visit import (
    CONTRAST,
    NO_CLIPBOARD,
    copied_text,
    shown_hosts,
    visit_page,
    wait_until_true,
)
from tests.support.store.report_cases import HOSTILE_FACTS, Desk, drawn, fill_gallery, finding, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_browser()), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(120_000)
    yield context
    context.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path)
    yield desk
    desk.store.close()


def test_hostile_text_stays_text(desk: Desk, context: BrowserContext) -> None:
    hostile = '"><script>window.hacked=1</script>'
    desk.add(
        1,
        facts=HOSTILE_FACTS,
        url="https://evil.example/%3Cscript%3E\"'><img src=x onerror=window.hacked=1>",
        sentence=hostile,
        findings=(finding("logo_page", 0.9, sentence=hostile, region=Box(10, 10, 50, 50)), finding(hostile, None)),
        note=hostile,
        browser=hostile,
    )
    desk.add(2, url="javascript:window.hacked=1//evil.example", final_url="https://two.example/", facts=HOSTILE_FACTS)
    desk.write()
    for path in (desk.out / "index.html", *sorted((desk.out / "cases").iterdir())):
        visit = visit_page(context, path)
        assert visit.complaints == []
        assert visit.page.evaluate("window.hacked") is None
        assert visit.page.locator("script:not([type])").count() == 1
        assert visit.requests
        assert {url.split(":")[0] for url in visit.requests} == {"file"}
        assert visit.page.evaluate("Array.from(document.links, a => a.protocol)").count("file:") == len(
            visit.page.evaluate("Array.from(document.links, a => a.href)")
        )
        assert "<script>window.hacked=1</script>" in visit.page.inner_text("body")
        visit.page.close()


def test_the_policy_stops_what_escaping_would_miss(desk: Desk, context: BrowserContext) -> None:
    desk.add(1)
    desk.write()
    page = desk.out / "cases" / "1.html"
    injected = '<img src="x" onerror="window.hacked=1"><script>window.hacked=2</script><script src="evil.js"></script>'
    page.write_text(page.read_text().replace("<main", injected + "<main", 1))
    (page.parent / "evil.js").write_text("window.hacked=3")
    visit = visit_page(context, page)
    assert visit.page.evaluate("window.hacked") is None
    assert len([said for said in visit.complaints if "Content Security Policy" in said]) == 3


def test_regions_lie_where_the_finding_is(desk: Desk, context: BrowserContext) -> None:
    boxes = (Box(560, 230, 160, 60), Box(440, 420, 400, 44), Box(-20, 700, 200, 300))
    desk.add(1, findings=tuple(finding("logo", 0.9 - n / 10, region=box) for n, box in enumerate(boxes)))
    desk.write()
    for width in (1280, 420):
        visit = visit_page(context, desk.out / "cases" / "1.html")
        visit.page.set_viewport_size({"width": width, "height": 800})
        image = visit.page.locator(".suspect .stage img").bounding_box()
        assert image is not None
        scale = image["width"] / 1280
        assert abs(image["height"] - 800 * scale) < 2
        for number, box in enumerate(boxes, 1):
            drawn_box: dict[str, float] = visit.page.evaluate(
                """number => {
                    const line = document.querySelector(`.region[data-finding="${number}"] .line`);
                    const box = line.getBBox(), matrix = line.getScreenCTM();
                    return {x: box.x * matrix.a + matrix.e + scrollX, y: box.y * matrix.d + matrix.f + scrollY,
                            width: box.width * matrix.a, height: box.height * matrix.d};
                }""",
                number,
            )
            wanted = {
                "x": image["x"] + box.x * scale,
                "y": image["y"] + box.y * scale,
                "width": box.width * scale,
                "height": box.height * scale,
            }
            assert {key: abs(drawn_box[key] - wanted[key]) <= 2 for key in wanted} == dict.fromkeys(wanted, True)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        visit.page.close()


def test_a_finding_and_its_region_light_up_together(desk: Desk, context: BrowserContext) -> None:
    desk.add(1)
    desk.write()
    page = visit_page(context, desk.out / "cases" / "1.html").page
    lit = "Array.from(document.querySelectorAll('.region.lit'), node => node.dataset.finding)"
    page.hover('.finding[data-finding="2"]')
    assert page.evaluate(lit) == ["2"]
    page.hover("h1")
    assert page.evaluate(lit) == []
    page.locator('.region[data-finding="1"] .line').click()
    page.hover("h1")
    assert page.evaluate(lit) == ["1"]
    assert page.get_attribute('.finding[data-finding="1"]', "aria-pressed") == "true"
    page.keyboard.press("Escape")
    page.focus('.finding[data-finding="2"]')
    page.keyboard.press("Enter")
    assert page.get_attribute('.finding[data-finding="2"]', "aria-pressed") == "true"


@pytest.mark.parametrize("clipboard", [True, False])
def test_copying(desk: Desk, context: BrowserContext, clipboard: bool) -> None:
    desk.add(1, url="https://evil.example/login?a=1&b=\"<x>'")
    desk.write()
    if clipboard:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        context.add_init_script(NO_CLIPBOARD)
    page = visit_page(context, desk.out / "cases" / "1.html").page
    assert copied_text(page, "text=Copy defanged") == "hxxps://evil[.]example/login?a=1&b=\"<x>'"
    assert copied_text(page, "text=Copy live URL") == "https://evil.example/login?a=1&b=\"<x>'"


def test_filter_and_sort(desk: Desk, context: BrowserContext) -> None:
    fill_gallery(desk)
    page = visit_page(context, desk.out / "index.html").page
    by_probability = ["n2[.]example", "n3[.]example", "n1[.]example", "n5[.]example"]
    assert shown_hosts(page) == by_probability
    page.select_option("#state", "")
    assert len(shown_hosts(page)) == 5
    page.select_option("#brand", "glimmer")
    assert shown_hosts(page) == ["n3[.]example", "n1[.]example", "n5[.]example"]
    page.select_option("#decision", "review")
    assert shown_hosts(page) == ["n5[.]example"]
    page.select_option("#decision", "")
    page.select_option("#state", "confirmed")
    assert shown_hosts(page) == ["n1[.]example"]
    page.fill("#q", "no such thing")
    assert shown_hosts(page) == []
    page.click("#reset")
    assert shown_hosts(page) == by_probability
    for query, found in (("https://n3.example/path3", 1), ("n3[.]example", 1), ("SIGN IN 2", 1), ("example sign", 4)):
        page.fill("#q", query)
        assert len(shown_hosts(page)) == found, query
    page.fill("#q", "")
    orders = {"newest": ["n5", "n3", "n2", "n1"], "host": ["n1", "n2", "n3", "n5"], "brand": ["n3", "n1", "n5", "n2"]}
    for order, names in orders.items():
        page.select_option("#sort", order)
        assert shown_hosts(page) == [f"{name}[.]example" for name in names], order
    assert page.inner_text("#tally") == "4 of 5"


def test_steps_follow_the_filtered_list_and_lead_back_to_it(desk: Desk, context: BrowserContext) -> None:
    fill_gallery(desk)
    page = visit_page(context, desk.out / "index.html").page
    page.select_option("#sort", "host")
    page.select_option("#brand", "glimmer")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/1.html")
    for key, case in (("j", 3), ("ArrowRight", 5), ("k", 3), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        page.wait_for_url(f"**/cases/{case}.html")
    assert page.get_attribute("#before", "href") is None
    page.keyboard.press("u")
    page.wait_for_url("**/index.html#*")
    assert shown_hosts(page) == ["n1[.]example", "n3[.]example", "n5[.]example"]


def test_every_control_has_a_name(desk: Desk, context: BrowserContext) -> None:
    fill_gallery(desk)
    for path in (desk.out / "index.html", desk.out / "cases" / "1.html"):
        page = visit_page(context, path).page
        nameless = page.evaluate(
            """() => Array.from(document.querySelectorAll('button, select, input, a[href], img, [role=img]'))
                .filter(node => !node.closest('[aria-hidden=true]'))
                .filter(node => !(node.getAttribute('aria-label') || node.textContent.trim() || node.alt
                                  || node.labels?.length)).map(node => node.outerHTML)"""
        )
        assert nameless == []
        levels: list[str] = page.evaluate("Array.from(document.querySelectorAll('h1,h2,h3'), node => node.tagName)")
        assert levels[0] == "H1"
        assert levels.count("H1") == 1
        assert page.evaluate("new Set(Array.from(document.querySelectorAll('[id]'), n => n.id)).size") == page.evaluate(
            "document.querySelectorAll('[id]').length"
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(desk: Desk, browser: Browser, scheme: Any) -> None:
    fill_gallery(desk)
    context = browser.new_context(color_scheme=scheme)
    for path in (desk.out / "index.html", desk.out / "cases" / "1.html"):
        assert visit_page(context, path).page.evaluate(CONTRAST) == []
    context.close()


def test_paper_shows_everything(desk: Desk, context: BrowserContext) -> None:
    desk.add(1)
    desk.write()
    page = visit_page(context, desk.out / "cases" / "1.html").page
    assert not page.get_by_text("There was nothing to look at.").is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_text("There was nothing to look at.").is_visible()
    assert not page.locator("#before").is_visible()
    assert not page.get_by_text("Copy live URL").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_rows_that_the_script_draws_are_those_of_the_page(
    desk: Desk, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_gallery(desk)
    desk.add(6, facts=HOSTILE_FACTS, url="https://six.example/%3Cscript%3E\"'><img src=x onerror=window.hacked=1>")
    desk.add(
        7,
        probability=None,
        screenshot=None,
        cloaked="A phone saw another page.",
        sentence="</script><script>window.hacked=1</script>",
    )
    look = """() => { const state = document.getElementById("state"); state.value = "";
        state.dispatchEvent(new Event("input")); return Array.from(document.querySelectorAll(".case"), (row) => row.outerHTML); }"""
    drawn_by = []
    for first in (7, 1):
        monkeypatch.setattr(report_writer, "FIRST_ROWS", first)
        desk.write(include_review=True)
        assert len(re.findall('<li class="case', desk.index())) == first
        visit = visit_page(context, desk.out / "index.html")
        drawn_by.append(visit.page.evaluate(look))
        assert visit.complaints == []
        assert visit.page.evaluate("window.hacked") is None
    assert len(drawn_by[0]) == 7
    assert drawn_by[0] == drawn_by[1]


@pytest.mark.ordeal
def test_five_hundred_cases_load_only_what_is_seen(desk: Desk, context: BrowserContext) -> None:
    desk.write(desk.many(500, lambda number: drawn(number, (160, 100))))
    visit = visit_page(context, desk.out / "index.html")
    page = visit.page
    loaded = "Array.from(document.querySelectorAll('.shot img')).filter(image => image.naturalWidth > 0).length"
    first = page.evaluate(loaded)
    assert 5 <= first < 60
    assert len([url for url in visit.requests if "/images/" in url]) < 60
    assert page.locator(".case").count() == 200
    assert page.inner_text("#tally") == "500 of 500"
    for drawn_by_now in (400, 500):
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        wait_until_true(page, f"document.querySelectorAll('.case').length === {drawn_by_now}")
    assert not page.locator("#more").is_visible()
    page.fill("#q", "glimmer-499.example")
    assert shown_hosts(page) == ["glimmer-499[.]example"]
    wait_until_true(page, "document.querySelector('.case:not([hidden]) img').naturalWidth > 0")
    page.fill("#q", "")
    page.keyboard.press("Escape")
    page.select_option("#sort", "newest")
    assert page.locator(".host").first.text_content() == "glimmer-499[.]example"
    assert visit.complaints == []
