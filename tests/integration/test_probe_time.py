"""One look of ``probe`` is bounded as a whole, whatever steps a server makes it take, and no page is lost for it."""

from __future__ import annotations

import asyncio

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.capture.profiles import profile_named
from crawler.net.guard import Guard
from crawler.probe.download_handler import GuardedDownloadHandler
from crawler.probe.front_page_visit import FrontPageVisitor, ProbeResult
from crawler.probe.html.html_facts import read_html
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind
from tests.support.pages.sites import Route, Site, answer, page, quick

EACH = 7.9
BOUND = 48.0


class SlowSite:
    """A site whose every answer takes almost the time that one may take, by a clock of its own."""

    def __init__(self, routes: dict[str, bytes]) -> None:
        self.now = 0.0
        self.site = Site({path: self._slow(said) for path, said in routes.items()})

    def _slow(self, said: bytes) -> Route:
        async def serve(_: str, writer: asyncio.StreamWriter) -> None:
            self.now += EACH
            writer.write(said)

        return serve

    async def probed(self) -> ProbeResult:
        """Probe the site as two visitors, of whom a judge says that they were shown nothing unless there is a form."""
        handler = GuardedDownloadHandler(get_crawler())

        async def download(request: Request) -> Response:
            return await handler.download_request(request)

        async def judge(found: FrontPageAnswer) -> FrontPageFinding:
            shown = read_html(found.body, found.url, found.content_type, cut=False)
            if shown.onward:
                return FrontPageFinding(FrontPageKind.NOTHING, "it forwards", onward=shown.onward)
            wanted = () if found.complete else tuple(image.src for image in shown.facts.images)
            kind = FrontPageKind.PAGE if b"<form" in found.body else FrontPageKind.NOTHING
            return FrontPageFinding(kind, "nothing", wanted=wanted)

        visitor = FrontPageVisitor(
            Guard(quick()),
            download,
            judge,
            (profile_named("phone"), profile_named("desktop")),
            most_bytes=100_000,
            most_seconds=BOUND,
            clock=lambda: self.now,
        )
        async with self.site.serving():
            return await visitor.probe(self.site.url("/"))


def moved(place: str) -> bytes:
    return answer(b"", status="302 Found", Location=place)


def chain(last: bytes, steps: int = 6) -> dict[str, bytes]:
    """Redirects from ``/`` to a page ``/5`` that is ``last``."""
    return {
        "/": moved("/1"),
        **{f"/{step}": moved(f"/{step + 1}") for step in range(1, steps - 1)},
        f"/{steps - 1}": last,
    }


FRAMED = {
    path: answer(page(f'<frameset><frame src="{onward}"></frameset>'))
    for path, onward in (("/", "/a"), ("/a", "/b"), ("/b", "/c"), ("/c", "/d"), ("/d", "/e"))
}
ICON = page("<p>nothing</p>", head='<link rel="icon" href="/i1">')
SLOW = {
    "redirects, and an icon of redirects": chain(answer(ICON))
    | {"/i1": moved("/i2"), "/i2": moved("/i3"), "/i3": answer(b"")},
    "frames with an icon each": FRAMED | {"/e": answer(page("<p>nothing</p>"))},
    "redirects without end": {"/": moved("/"), "/favicon.ico": answer(b"")},
    "refreshes": {
        path: answer(page("wait", head=f'<meta http-equiv="refresh" content="0; url={onward}">'))
        for path, onward in (("/", "/other"), ("/other", "/"))
    },
    "pictures": chain(answer(page('<form><input type="password"></form><img src="/p"><img src="/q">')))
    | {"/p": answer(b""), "/q": answer(b"")},
    "a redirect to itself with another query": {
        "/": moved("/?again"),
        "/?again": moved("/"),
        "/favicon.ico": answer(b""),
    },
    "refreshes and redirects by turns": {
        "/": answer(page("wait", head='<meta http-equiv="refresh" content="0; url=/1">')),
        "/1": moved("/2"),
        "/2": answer(page("wait", head='<meta http-equiv="refresh" content="0; url=/3">')),
        "/3": moved("/4"),
        "/4": answer(page("<p>nothing</p>", head='<link rel="icon" href="/i1">')),
        "/i1": moved("/i1"),
    },
    "a form, and pictures of redirects": {
        "/": answer(page('<form><input type="password"></form>' + "".join(f'<img src="/p{n}">' for n in range(9))))
    }
    | {f"/p{number}": moved(f"/p{number}") for number in range(9)},
    "an icon for each frame": {
        path: answer(
            page(f'<frameset><frame src="{onward}"></frameset>', head=f'<link rel="icon" href="/i{onward[1:]}">')
        )
        for path, onward in (("/", "/a"), ("/a", "/b"), ("/b", "/c"))
    }
    | {"/c": moved("/c2"), "/c2": answer(page("<p>nothing</p>")), "/favicon.ico": answer(b"")},
    "two visitors": {"/": answer(page("<p>nothing</p>")), "/favicon.ico": moved("/favicon.ico")},
}


@pytest.mark.parametrize("way", SLOW)
async def test_the_whole_look_is_bounded_and_the_page_is_left_to_a_browser(way: str) -> None:
    slow = SlowSite(SLOW[way])
    seen = await slow.probed()
    assert slow.now <= BOUND + EACH
    assert seen.finding.sent, seen
    assert "took longer than 48 s together" in seen.finding.reasons[0]


async def test_a_site_that_takes_its_time_once_is_judged_as_any_other() -> None:
    slow = SlowSite({"/": moved("/form"), "/form": answer(page("<form></form>")), "/favicon.ico": answer(b"")})
    seen = await slow.probed()
    assert (seen.finding.shown, seen.finding.sent) == (FrontPageKind.PAGE, False)


async def test_a_site_that_never_answers_is_probed_again() -> None:
    slow = SlowSite({"/": b""})
    seen = await slow.probed()
    assert (seen.finding.shown, seen.finding.sent) == (FrontPageKind.NOTHING, False)
