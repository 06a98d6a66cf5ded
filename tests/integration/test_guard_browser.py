"""All connections of a browser go through the guard: nothing arrives at listening sockets on forbidden addresses."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.capture.capturer import Capturer
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.sites import BAIT_ADDRESS, Bait, Site, answer, needs_browser, page, quick, self_signed

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

NAME = "rebound.test"
"""A name that the tests' resolve rules lead to the bait."""
DECIMAL = str(int.from_bytes(bytes(int(part) for part in BAIT_ADDRESS.split(".")), "big"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer() -> AsyncIterator[Capturer]:
    async with Capturer(quick(resolve=(f"{NAME}:*:{BAIT_ADDRESS}",)), Evidence("memory://guard")) as opened:
        yield opened


SPELLINGS: list[Callable[[int], str]] = [
    lambda port: f"http://{BAIT_ADDRESS}:{port}/",
    lambda port: f"https://{BAIT_ADDRESS}:{port}/",
    lambda port: f"http://user:password@{BAIT_ADDRESS}:{port}/path#fragment",
    lambda port: f"http://{DECIMAL}:{port}/",
    lambda port: f"http://0x7f000002:{port}/",
    lambda port: f"http://0177.0.0.2:{port}/",
    lambda port: f"http://127.2:{port}/",
    lambda port: f"http://[::ffff:{BAIT_ADDRESS}]:{port}/",
    lambda port: f"http://{NAME}:{port}/",
    lambda port: f"https://{NAME}:{port}/",
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling(1))
async def test_no_spelling_of_a_forbidden_address_gets_past_the_guard(
    capturer: Capturer, spelling: Callable[[int], str]
) -> None:
    async with Bait().listening() as bait:
        capture = await capturer.capture(spelling(bait.port))
        assert bait.visits == 0
    assert capture.outcome == Outcome.BLOCKED_BY_GUARD
    assert capture.note.startswith("guard: ")
    assert "loopback" in capture.note
    assert capture.screenshot is None
    assert capture.facts is None


async def test_localhost_itself_is_no_exception() -> None:
    config = quick(allow_private=())
    async with Bait().listening("127.0.0.1") as bait, Capturer(config, Evidence("memory://local")) as capturer:
        for host in ("127.0.0.1", "localhost", "a.localhost"):
            capture = await capturer.capture(f"http://{host}:{bait.port}/")
            assert capture.outcome == Outcome.BLOCKED_BY_GUARD
        assert bait.visits == 0


@pytest.mark.parametrize("how", ["302", "script", "meta"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_redirect_to_a_forbidden_address_is_the_end(capturer: Capturer, how: str, scheme: str) -> None:
    async with Bait().listening() as bait:
        target = f"{scheme}://{BAIT_ADDRESS}:{bait.port}/"
        first = {
            "302": answer(b"", status="302 Found", Location=target),
            "script": answer(page(f"<h1>wait</h1><script>location.replace('{target}')</script>")),
            "meta": answer(page("<h1>wait</h1>", head=f'<meta http-equiv="refresh" content="0;url={target}">')),
        }[how]
        async with Site({"/": first}).serving() as site:
            capture = await capturer.capture(site.url("/"))
        assert bait.visits == 0
    assert capture.outcome == Outcome.BLOCKED_BY_GUARD
    assert capture.final_url == target
    assert capture.redirects[0].status == (302 if how == "302" else None)
    assert capture.screenshot is None


def attack(port: int) -> str:
    """A page that tries every door it has from within."""
    http, https, name = f"http://{BAIT_ADDRESS}:{port}", f"https://{BAIT_ADDRESS}:{port}", f"http://{NAME}:{port}"
    return f"""
<h1>harmless</h1><link rel="stylesheet" href="{http}/style"><link rel="preconnect" href="{http}">
<link rel="dns-prefetch" href="//{NAME}"><link rel="prefetch" href="{http}/prefetch"><link rel="icon" href="{http}/icon">
<img src="{http}/image"><img src="{https}/image"><img src="http://{DECIMAL}:{port}/decimal">
<iframe src="{http}/frame"></iframe><iframe src="{name}/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
<object data="{http}/object"></object><video src="{http}/video" autoplay></video><script src="{http}/script"></script>
<form id="form" action="{http}/form" target="hidden" method="post"><input name="x" value="1"></form><iframe name="hidden"></iframe>
<a id="ping" href="#here" ping="{http}/ping">x</a>
<script>
const quietly = (work) => {{ try {{ Promise.resolve(work()).catch(() => {{}}) }} catch {{}} }};
quietly(() => fetch("{http}/fetch", {{mode: "no-cors"}}));
quietly(() => fetch("{name}/fetch", {{mode: "no-cors", keepalive: true}}));
quietly(() => navigator.sendBeacon("{http}/beacon", "x"));
quietly(() => {{ const request = new XMLHttpRequest(); request.open("GET", "{http}/xhr"); request.send() }});
quietly(() => new WebSocket("ws://{BAIT_ADDRESS}:{port}/"));
quietly(() => new WebSocket("wss://{NAME}:{port}/"));
quietly(() => new EventSource("{http}/events"));
quietly(() => new WebTransport("https://{BAIT_ADDRESS}:{port}/"));
quietly(() => new Worker(URL.createObjectURL(new Blob(['fetch("{http}/worker", {{mode: "no-cors"}})']))));
quietly(() => new SharedWorker(URL.createObjectURL(new Blob(['fetch("{http}/shared", {{mode: "no-cors"}})']))));
quietly(() => navigator.serviceWorker.register("/worker.js"));
quietly(() => window.open("{http}/popup"));
quietly(() => document.getElementById("form").submit());
quietly(() => document.getElementById("ping").click());
quietly(() => {{
  const peer = new RTCPeerConnection({{iceServers: [{{urls: ["stun:{BAIT_ADDRESS}:{port}", "stun:{NAME}:{port}"]}},
    {{urls: "turn:{BAIT_ADDRESS}:{port}?transport=tcp", username: "a", credential: "b"}}]}});
  peer.createDataChannel("x");
  peer.onicegatheringstatechange = () => document.body.append(" gathering " + peer.iceGatheringState);
  return peer.createOffer().then((offer) => peer.setLocalDescription(offer));
}});
</script>"""


async def test_nothing_that_a_page_does_from_within_reaches_a_forbidden_address(capturer: Capturer) -> None:
    worker = answer(b"fetch('/from-service-worker')", media_type="text/javascript")
    async with Bait().listening() as bait:
        async with Site({"/": answer(page(attack(bait.port))), "/worker.js": worker}).serving() as site:
            capture = await capturer.capture(site.url("/"))
            assert site.hits["/from-service-worker"] == 0
        assert bait.visits == 0
    assert capture.outcome == Outcome.OK
    assert capture.facts is not None
    assert "harmless" in capture.facts.text
    assert "gathering" in capture.facts.text
    assert "root:" not in capture.facts.text
    tried = {entry.url.rsplit("/", 1)[-1]: entry for entry in capture.network if f":{bait.port}" in entry.url}
    assert {"style", "image", "frame", "script", "fetch", "xhr"} <= set(tried)
    assert all((entry.failure or "").startswith("guard: ") for entry in tried.values() if entry.kind != "ping")


async def test_a_rule_leads_names_to_a_local_server_over_http_and_https() -> None:
    site = Site({"/": answer(page("<h1>by rule</h1>"))})
    async with site.serving():
        config = quick(resolve=("*:*:127.0.0.1",), allow_private=("127.0.0.0/8",))
        async with Capturer(config, Evidence("memory://rules")) as capturer:
            capture = await capturer.capture(f"http://login.kumoriva.example:{site.port}/")
    assert capture.outcome == Outcome.OK
    assert capture.final_url == f"http://login.kumoriva.example:{site.port}/"
    assert capture.address == "127.0.0.1"


async def test_a_page_that_asks_for_too_much_is_cut_off_but_seen(capturer: Capturer) -> None:
    body = page("<h1>greedy</h1><script>for (let i = 0; i < 200; i++) fetch('/x?' + i).catch(() => {})</script>")
    async with Site({"/": answer(body), "/x": answer(b"x")}).serving() as site:
        async with Capturer(quick(max_requests=30), Evidence("memory://greedy")) as limited:
            capture = await limited.capture(site.url("/"))
        assert sum(site.hits.values()) <= 31
    assert capture.outcome == Outcome.OK
    assert "more than 30 requests" in capture.note
    assert len(capture.network) <= 30


@pytest.mark.ordeal
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off(scheme: str, tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b"<p>bomb " * 131_072
    bomb = b"".join(packer.compress(piece) for _ in range(200)) + packer.flush()
    assert len(bomb) < 1_000_000
    tls = self_signed(tmp_path) if scheme == "https" else None
    config = quick(max_response_bytes=3_000_000, total_seconds=15.0)
    served = Site({"/": answer(bomb, Content_Encoding="gzip")}).serving(tls=tls)
    async with served as site, Capturer(config, Evidence("memory://bomb")) as capturer:
        capture = await capturer.capture(site.url("/", scheme=scheme))
    assert "unpacks to more than 3000000 bytes" in capture.note
