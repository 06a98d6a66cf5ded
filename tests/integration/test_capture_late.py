"""Pages that show their form later, or to whoever scrolls or moves the mouse, are seen; nobody waits for their time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from crawler.capture.capturer import Capturer, RecordedCapture
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from detector.evidence import Evidence
from detector.model import Capture
from tests.support.pages.sites import needs_browser, page, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "late_doors.yml").read_text(encoding="utf-8")
)
FORM = "<h2>Sign in</h2><form method=post action=/posted><input type=email name=user><input type=password name=word></form>"
WORDS = f"<p>{'Roses and tulips grow behind the house, and the hedge is cut in June. ' * 8}</p>"
REAL = "/real"


class LateSite:
    """Serves the cases by their number, and keeps what is posted."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.asked: list[str] = []
        self._pages = {REAL: Response(page(FORM))}
        for number, case in enumerate(CASES):
            headers = {name: value.replace("REAL", REAL) for name, value in case.get("headers", {}).items()}
            body = case["body"].replace("FORM", FORM).replace("REAL", REAL).replace("WORDS", WORDS)
            self._pages[f"/{number}"] = Response(page(body), headers=headers)
            for path, code in case.get("scripts", {}).items():
                self._pages[path] = Response(code.replace("REAL", REAL).encode(), media_type="text/javascript")

    def respond(self, request: Request) -> Response:
        self.asked.append(request.path)
        if request.method not in ("GET", "HEAD"):
            self.posted.append(request.target)
        return self._pages.get(request.path, NOT_FOUND)


class Looks:
    """Captures cases by their name."""

    def __init__(self, site: LateSite, address: str, capturer: Capturer) -> None:
        self.site = site
        self._address = address
        self._capturer = capturer

    async def at(self, name: str) -> RecordedCapture:
        number, case = next((number, case) for number, case in enumerate(CASES) if case["name"] == name)
        return await self._capturer.record(f"{self._address}/{number}", profile=case.get("profile"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looks() -> AsyncIterator[Looks]:
    site = LateSite()
    config = quick(total_seconds=60.0, navigation_seconds=15.0)
    with WebServer(site.respond) as server:
        async with Capturer(config, Evidence("memory://late")) as capturer:
            yield Looks(site, server.url("").rstrip("/"), capturer)


def has_form(capture: Capture) -> bool:
    return capture.facts is not None and any(field.type == "password" for field in capture.facts.inputs)


def some(case: dict[str, Any]) -> object:
    return pytest.param(case, id=case["name"], marks=[pytest.mark.ordeal] if case.get("ordeal") else [])


@pytest.mark.parametrize("case", [some(case) for case in CASES])
async def test_what_comes_late_is_seen_as_one_more_moment(case: dict[str, Any], looks: Looks) -> None:
    look = await looks.at(case["name"])
    moments = (look.capture, *look.before)
    assert [moment.outcome for moment in moments if moment.screenshot is None or moment.facts is None] == []
    assert has_form(look.capture) == case["late"], look.capture.note
    if case["late"]:
        assert look.capture.outcome == "ok"
        assert [has_form(moment) for moment in look.before] == [False]
    assert looks.site.posted == []
    # no request is dated by the page's clock, which was moved on by 15 s
    ended = look.capture.started.timestamp() + look.capture.seconds
    assert [exchange.url for exchange in look.recording.exchanges if exchange.at.timestamp() > ended + 1] == []


async def test_a_page_that_refreshes_itself_is_left_after_a_few_times(looks: Looks) -> None:
    name = "refreshes itself"
    path = f"/{next(number for number, case in enumerate(CASES) if case['name'] == name)}"
    asked = looks.site.asked.count(path)
    look = await looks.at(name)
    assert 2 <= looks.site.asked.count(path) - asked <= 10
    assert look.capture.redirects == ()
