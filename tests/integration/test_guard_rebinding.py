"""A real name server that changes its mind between two questions, and odd spellings: who may not be reached sees nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import dns.message
import dns.rdatatype
import pytest

from crawler.capture.capturer import Capturer
from crawler.loopback.nameserver import NameServer, Zone, asked_name
from crawler.net.guard import FailureKind, Guard
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.proxy_client import ask
from tests.support.pages.sites import BAIT_ADDRESS, Bait, Site, answer, needs_browser, page, quick

HERE = "127.0.0.1"
"""The one address that the tests allow."""
NAME = "two-faced.example"


class FickleNameServer(NameServer):
    """Gives the answers for a name in turn, and the last one for ever; an empty one is NXDOMAIN."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__(self._in_turn)
        self._answers, self._zone = answers, Zone()
        self.turns = 0
        """Questions for IPv4 addresses; each goes with one for IPv6, of which there are none."""

    def _in_turn(self, query: dns.message.Message) -> dns.message.Message | None:
        self.turns += query.question[0].rdtype == dns.rdatatype.A
        given = self._answers[min(max(self.turns, 1), len(self._answers)) - 1]
        self._zone.addresses = {asked_name(query): given} if given else {}
        return self._zone.answer(query)


def asking(server: NameServer) -> CaptureConfig:
    """A configuration whose only name server is ``server``."""
    return quick(nameservers=(server.address,))


def get(port: int, host: str = NAME) -> str:
    return f"GET http://{host}:{port}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"


def connect(port: int, host: str = NAME) -> str:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n"


@pytest.mark.parametrize("request_", [get, connect])
async def test_what_was_judged_is_what_is_connected_to_however_often_the_name_server_changes_its_mind(
    request_: Callable[[int], str],
) -> None:
    site = Site({"/": answer(page("allowed"))})
    async with site.serving(), Bait().listening() as bait:
        with FickleNameServer([HERE], [BAIT_ADDRESS]) as server:
            guard = Guard(asking(server))
            async with guard.capture_proxy() as proxy:
                for _ in range(3):
                    assert b"allowed" in await ask(proxy, request_(site.port))
                # another port of the name is another question, and the answer is judged again
                assert (await ask(proxy, request_(bait.port))).startswith(b"HTTP/1.1 502 ")
                failure = proxy.ledger.failure_of(NAME, bait.port, f"http://{NAME}:{bait.port}/")
                assert failure is not None
                assert failure.kind is FailureKind.GUARD
            # so is another capture
            async with guard.capture_proxy() as later:
                assert (await ask(later, request_(site.port))).startswith(b"HTTP/1.1 502 ")
            assert server.turns == 3
        assert (site.hits["/"], bait.visits) == (3, 0)


async def test_who_was_refused_first_stays_refused_for_the_capture() -> None:
    site = Site({"/": answer(page("allowed"))})
    async with site.serving():
        for first, kind in (([BAIT_ADDRESS], FailureKind.GUARD), ([], FailureKind.DNS)):
            with FickleNameServer(first, [HERE]) as server:
                async with Guard(asking(server)).capture_proxy() as proxy:
                    for _ in range(2):
                        assert (await ask(proxy, get(site.port))).startswith(b"HTTP/1.1 502 ")
                    failure = proxy.ledger.failure_of(NAME, site.port, f"http://{NAME}:{site.port}/")
                    assert failure is not None
                    assert failure.kind is kind
        assert site.hits["/"] == 0


async def test_a_forbidden_address_beside_an_allowed_one_is_no_fallback() -> None:
    async with Bait().listening() as bait:
        for addresses in ([HERE, BAIT_ADDRESS], [BAIT_ADDRESS, HERE]):
            with FickleNameServer(addresses) as server:
                async with Guard(asking(server)).capture_proxy() as proxy:
                    assert (await ask(proxy, get(bait.port))).startswith(b"HTTP/1.1 502 ")
                    failure = proxy.ledger.failure_of(NAME, bait.port, f"http://{NAME}:{bait.port}/")
                    assert failure is not None
                    assert failure.kind is FailureKind.REFUSED
                    assert set(proxy.ledger.dns()[0].addresses) == set(addresses)
        assert bait.visits == 0


@pytest.mark.parametrize(
    "host",
    [
        "0x7f.0.0.2",
        "0x7f.2",
        "017700000002",
        "0177.0.0.02",
        "127.0.2",
        "127.0.0.2.",
        "0x7f000002.",
        "[::ffff:7f00:2]",
        "[0:0:0:0:0:ffff:127.0.0.2]",
        "[::127.0.0.2]",
        "[64:ff9b::7f00:2]",
        "[64:ff9b::127.0.0.2]",
        "[2002:7f00:2::1]",
        "[fe80::1%25lo]",
        "a.localhost",
    ],
)
async def test_no_spelling_leads_to_a_forbidden_address(host: str) -> None:
    with FickleNameServer([BAIT_ADDRESS]) as server:
        async with Bait().listening() as bait, Guard(asking(server)).capture_proxy() as proxy:
            is_here = host == "a.localhost"  # which the tests allow; nobody listens there
            for request in (get(bait.port, host), connect(bait.port, host)):
                reply = await ask(proxy, request)
                assert reply.startswith(b"HTTP/1.1 502 "), reply
            kinds = {failure.kind for failure in (*proxy.ledger._urls.values(), *proxy.ledger._hosts.values())}
            assert kinds == {FailureKind.REFUSED if is_here else FailureKind.GUARD}
            assert bait.visits == 0
            assert not server.asked


class TestInTheBrowser:
    """The same from within a page."""

    pytestmark = needs_browser

    async def test_a_page_whose_name_turns_inward_under_it_reaches_only_where_it_came_from(
        self,
    ) -> None:
        script = """<h1>two faces</h1><iframe src="/frame"></iframe><script>
        (async () => {
          for (let n = 0; n < 5; n++) await fetch("/again?" + n, {cache: "no-store"});
          for (const scheme of ["http", "https"])
            await fetch(scheme + "://NAME:BAIT/", {mode: "no-cors"}).catch(() => {});
          await new Promise((done) => { new WebSocket("ws://NAME:BAIT/").onerror = done });
          document.title = "tried";
        })();
        </script>""".replace("NAME", NAME)
        async with Bait().listening() as bait:
            site = Site(
                {
                    "/": answer(page(script.replace("BAIT", str(bait.port)))),
                    "/again": answer(b"again"),
                    "/frame": answer(b"frame"),
                }
            )
            with FickleNameServer([HERE], [BAIT_ADDRESS]) as server:
                config = replace(asking(server), total_seconds=30.0, navigation_seconds=15.0, settle_seconds=5.0)
                async with site.serving(), Capturer(config, Evidence("memory://rebinding")) as capturer:
                    capture = await capturer.capture(f"http://{NAME}:{site.port}/")
                    assert (capture.outcome, capture.address) == (Outcome.OK, HERE)
                    # by now the name leads to the bait
                    second = await capturer.capture(f"http://{NAME}:{site.port}/")
                    assert second.outcome == Outcome.BLOCKED_BY_GUARD
                    hits = sum(count for path, count in site.hits.items() if path.startswith("/again"))
            assert bait.visits == 0
        assert capture.facts is not None
        assert capture.facts.title == "tried"
        assert hits == 5
        assert site.hits["/frame"] == 1
