"""Facts read from plain HTML, compared with those that a browser gives."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crawler.capture.capturer import Capturer
from crawler.demo.answers import respond
from crawler.demo.server import DemoServers
from crawler.demo.sites import load_sites
from crawler.probe.html.html_facts import read_html
from detector.evidence import Evidence
from detector.signals.wording import sketch_of
from tests.support.pages.sites import needs_browser, quick


@pytest.mark.browser
@pytest.mark.skipif(bool(needs_browser[1].args[0]), reason="no Chromium here: make setup installs one")
def test_a_document_is_built_as_the_browser_says(tmp_path: Path) -> None:
    """Kits are known from captures: what plain HTML says of its structure must be what the browser says."""
    with DemoServers() as servers:
        sites = [
            site for site in load_sites() if site.id in ("ostrelin-home", "kumoriva-quota", "fake-dhl", "logo-wall")
        ]
        config = quick(resolve=servers.resolve, allow_private=("127.0.0.0/8",))

        async def run() -> dict[str, object]:
            async with Capturer(config, Evidence(str(tmp_path / "evidence"))) as capturer:
                return {seen.url: seen async for seen in capturer.capture_many([servers.url(site) for site in sites])}

        captures = asyncio.run(run())
        for site in sites:
            seen = captures[servers.url(site)]
            facts = getattr(seen, "facts", None)
            assert facts is not None
            document = respond(site.host, site.path, servers.http_port, servers.https_port).body
            mine = read_html(document, servers.url(site)).facts
            browser, plain = set(sketch_of(facts).tolist()), set(sketch_of(mine).tolist())
            assert len(browser & plain) >= 0.9 * len(browser), site.id
            assert mine.title == facts.title
            assert [field.type for field in mine.inputs] == [field.type for field in facts.inputs]
