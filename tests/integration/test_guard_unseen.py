"""A page cannot read that the guard refused a request: it sees what a network error shows, and nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import unquote

import pytest

from crawler.capture.capturer import Capturer
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.proxy_client import ask, capture_proxy, connect, get
from tests.support.pages.sites import BAIT_ADDRESS, Bait, Site, answer, needs_browser, page, quick

LONG_HEAD = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000
HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx"
LOOK = """
const told = {}, ask = async (way, url) => {
  const seen = {};
  for (const mode of ["cors", "no-cors"]) {
    try {
      const answer = await fetch(url, {mode, cache: "no-store"});
      seen[mode] = [answer.type, answer.status, [...answer.headers]];
    } catch (error) { seen[mode] = error.name + ": " + error.message; }
  }
  const request = new XMLHttpRequest();
  request.open("GET", url);
  seen.xhr = await new Promise(done => {
    request.onloadend = event => done([request.status, request.statusText, request.getAllResponseHeaders()]);
    request.send();
  });
  for (const tag of ["img", "script"]) seen[tag] = await new Promise(done => {
    const node = document.createElement(tag);
    node.onload = node.onerror = event => done(event.type);
    node.src = url;
    document.body.append(node);
  });
  // of a document that is too large the beginning comes, as from a server that breaks off
  seen.frame = way.endsWith("too large") ? "null" : await new Promise(done => {
    const node = document.createElement("iframe");
    node.onload = () => { try { done(String(node.contentDocument && node.contentDocument.URL)); } catch (e) { done(e.name); } };
    node.src = url;
    document.body.append(node);
  });
  seen.entries = performance.getEntriesByName(url).filter(each => each.initiatorType !== "iframe")
    .map(each => [each.responseStatus, each.encodedBodySize, each.transferSize, each.contentType, each.nextHopProtocol]);
  told[way] = seen;
};
(async () => {
  for (const [way, url] of Object.entries(WAYS)) await ask(way, url);
  new Image().src = "/told?" + encodeURIComponent(JSON.stringify(told));
})();
"""


async def reset(_: str, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class TestFromWithinAPage:
    """All ways in which a script can look at a failed request."""

    pytestmark = needs_browser

    async def test_a_refused_request_looks_like_a_network_error(self) -> None:
        site = Site({"/huge": HUGE, "/reset": reset, "/head": LONG_HEAD})
        async with site.serving(), Bait().listening() as bait:
            closed = closed_port()
            ways = {
                "same origin, too large": site.url("/huge"),
                "same origin, no answer": site.url("/reset"),
                "same origin, no end of the head": site.url("/head"),
                "forbidden": f"http://{BAIT_ADDRESS}:{bait.port}/",
                "forbidden, TLS": f"https://{BAIT_ADDRESS}:{bait.port}/",
                "no such name": "http://nowhere.invalid/",
                "refused": f"http://127.0.0.1:{closed}/",
            }
            script = LOOK.replace("WAYS", json.dumps(ways))
            site.routes["/"] = answer(page(f"<h1>look</h1><script>{script}</script>"))
            site.routes["/told"] = answer(b"")
            async with Capturer(quick(settle_seconds=1.0), Evidence("memory://unseen")) as capturer:
                capture = await capturer.capture(site.url("/"))
        assert capture.outcome == Outcome.OK
        said = next(path for path in site.hits if path.startswith("/told?"))
        told = json.loads(unquote(said.partition("?")[2]))
        assert set(told) == set(ways)
        for way, seen in told.items():
            assert seen["cors"] == seen["no-cors"] == "TypeError: Failed to fetch", (way, seen)
            assert seen["xhr"] == [0, "", ""], way
            assert seen["img"] == seen["script"] == "error", way
            assert seen["frame"] in ("null", "SecurityError"), (way, seen)
            assert all(entry == [0, 0, 0, "", ""] for entry in seen["entries"]), (way, seen)
        # the capture knows what the page does not
        failures = {entry.url: entry.failure or "" for entry in capture.network}
        assert failures[ways["same origin, too large"]].startswith("guard: an answer of 999999999 bytes")
        assert failures[ways["forbidden"]].startswith("guard: ")
        assert failures[ways["forbidden, TLS"]].startswith("guard: ")
        assert failures[ways["no such name"]].startswith("dns: ")
        assert all(entry.status is None for entry in capture.network if entry.url in ways.values())

    async def test_a_document_that_the_guard_refused_has_the_ledgers_reason(self) -> None:
        site = Site({"/reset": reset})
        async with site.serving(), Capturer(quick(), Evidence("memory://unseen-document")) as capturer:
            capture = await capturer.capture(site.url("/reset"))
        assert capture.outcome == Outcome.FAILED
        assert capture.note.startswith("127.0.0.1 port ")
        assert (capture.status, capture.screenshot) == (None, None)


async def broken_head(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


async def broken_chunks(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")


async def test_all_refusals_are_the_same_bytes() -> None:
    site = Site({"/huge": HUGE, "/reset": reset, "/head": LONG_HEAD, "/ssh": broken_head})
    async with site.serving(), capture_proxy() as proxy:
        closed = closed_port()
        urls = [
            *(site.url(path) for path in ("/huge", "/reset", "/head", "/ssh")),
            *(
                f"http://{host}/"
                for host in (BAIT_ADDRESS, "a.invalid", "10.0.0.1", "[::1]", "169.254.169.254", "0.0.0.0")
            ),
            *(f"http://127.0.0.1:{port}/" for port in (closed, 22, 6379)),
            "http://a..example/",
        ]
        plain = {await ask(proxy, get(url)): url for url in urls}
        places = [f"{BAIT_ADDRESS}:80", "a.invalid:443", "10.0.0.1:443", "[::1]:443", "a.example:25"]
        tunnels = {await ask(proxy, connect(where)): where for where in (*places, f"127.0.0.1:{closed}")}
    assert (len(plain), len(tunnels)) == (1, 1), (plain, tunnels)
    assert b"clonewatch" not in next(iter(plain | tunnels)).lower()


@pytest.mark.parametrize("bound", [{"max_requests": 1}, {"max_total_bytes": 1000}])
async def test_what_comes_after_a_captures_bound_is_refused_with_the_same_bytes(bound: dict[str, int]) -> None:
    site = Site({"/": answer(page("x" * 600)), "/reset": reset})
    async with site.serving(), capture_proxy() as unbounded, capture_proxy(quick(**bound)) as proxy:
        refused = await ask(unbounded, get(site.url("/reset"))), await ask(unbounded, connect("a.invalid:443"))
        for _ in range(3):
            await ask(proxy, get(site.url("/")))
        assert proxy.ledger.stopped is not None
        assert (await ask(proxy, get(site.url("/"))), await ask(proxy, connect("a.invalid:443"))) == refused


async def test_a_header_of_a_server_is_not_withheld_for_its_name() -> None:
    site = Site({"/": answer(page("x"), X_Clonewatch_Guard="forged")})
    async with site.serving(), capture_proxy() as proxy:
        assert b"X-Clonewatch-Guard: forged" in await ask(proxy, get(site.url("/")))
