"""Nothing of a page's begins a line of a request of ours: frames, redirects, icons and pictures with line ends in their address."""

from __future__ import annotations

import re

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.capture.favicon import fetch_icon
from crawler.capture.profiles import profile_named
from crawler.net.guard import Guard
from crawler.probe.download_handler import GuardedDownloadHandler
from crawler.probe.front_page_visit import FrontPageVisitor
from crawler.probe.html.html_facts import read_html
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind
from tests.support.pages.proxy_client import capture_proxy
from tests.support.pages.sites import Route, Site, answer, page, quick

ICON = '<link rel="icon" href="/own.png">'
SAID = [
    "/next?\r\nMAIL FROM:<a@b>\r\n",
    "/next?&#13;&#10;MAIL FROM:<a@b>",
    "/next?&#10;MAIL FROM:<a@b>",
    "/next? HTTP/1.1&#13;&#10;MAIL FROM: x&#13;&#10;&#13;&#10;GET /smuggled",
    "/next?a&#9;b&#0;c&#11;MAIL FROM:&#12;d",
    "/next?\u20ac\u2028MAIL FROM:\x85\xa0x",
    "/next?%0d%0aMAIL FROM:<a@b>",
    "/next?\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
]


def judged(found: FrontPageAnswer) -> FrontPageFinding:
    shown = read_html(found.body, found.url, found.content_type, cut=False)
    pictures = () if found.complete else tuple(image.src for image in shown.facts.images)
    return FrontPageFinding(FrontPageKind.PAGE, onward=shown.onward, wanted=pictures)


async def probed(site: Site) -> None:
    handler = GuardedDownloadHandler(get_crawler())

    async def download(request: Request) -> Response:
        return await handler.download_request(request)

    async def judge(found: FrontPageAnswer) -> FrontPageFinding:
        return judged(found)

    visitor = FrontPageVisitor(
        Guard(quick()), download, judge, (profile_named("desktop"),), most_bytes=100_000, most_seconds=60
    )
    await visitor.probe(site.url("/"))


def check(site: Site, *paths: str) -> None:
    for head in site.heads:
        lines = head.split("\r\n")
        assert re.fullmatch(r"GET [!-~]+ HTTP/1\.1", lines[0]), lines
        assert all(re.fullmatch(r"[A-Za-z-]+: [ -~]*", line) for line in lines[1:-2]), lines
        assert not any(line.startswith("MAIL") for line in re.split("[\r\n]", head)), lines
    asked = [target.partition("?")[0] for target in site.hits]
    assert set(paths) <= set(asked), asked


@pytest.mark.parametrize("address", SAID)
@pytest.mark.parametrize(
    "tag", ['<frameset><frame src="{}"></frameset>', '<meta http-equiv="refresh" content="0; url={}">']
)
async def test_a_frames_address_becomes_a_referer_in_one_line(tag: str, address: str) -> None:
    pages: dict[str, Route] = {
        "/": answer(page(tag.format(address))),
        "/next": answer(page("<h1>next</h1>", head=ICON)),
    }
    async with Site(pages).serving() as site:
        await probed(site)
    check(site, "/next", "/own.png")
    assert any("Referer: " in head and "/next" in head for head in site.heads)


@pytest.mark.parametrize("address", SAID)
async def test_addresses_of_icons_pictures_and_redirects_stay_in_the_first_line(address: str) -> None:
    picture = f'<form><input type="password"></form><img src="{address}">'
    pages: dict[str, Route] = {
        "/": answer(b"", status="302 Found", Location="/moved?a b\tc\x0bd\xe9"),
        "/moved": answer(page(picture, head=f'<link rel="icon" href="{address}">')),
        "/next": answer(b"x", media_type="image/png"),
    }
    async with Site(pages).serving() as site:
        await probed(site)
    check(site, "/moved", "/next")


@pytest.mark.parametrize("address", [said.replace("&#13;", "\r").replace("&#10;", "\n") for said in SAID])
async def test_a_captures_icon_is_asked_for_in_one_line(address: str) -> None:
    async with Site({}).serving() as site, capture_proxy() as proxy:
        await fetch_icon(proxy.address, [site.url(address)], site.url("/"), "test")
    check(site, "/next", "/favicon.ico")
