"""The pipe between real pipes: the test plays the browser at one end and Playwright at the other."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from crawler.browser.cdp.pipe import FIRST_NUMBER, DevToolsPipe
from crawler.browser.cdp.session import DevToolsError


def packed(message: dict[str, Any]) -> bytes:
    """As Chromium writes it."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\0"


class Ends:
    """The ends of the four pipes that the browser and Playwright hold."""

    def __init__(self, pipe: DevToolsPipe, orders: int, answers: int, to_pipe: int, from_pipe: int) -> None:
        self.pipe = pipe
        self.orders, self.answers, self.to_pipe, self.from_pipe = orders, answers, to_pipe, from_pipe

    async def hear(self, pipe: int) -> list[dict[str, Any]]:
        """The messages that have come through."""
        data = b""
        while not data.endswith(b"\0"):
            data += await asyncio.to_thread(os.read, pipe, 1 << 16)
        return [json.loads(message) for message in data.split(b"\0")[:-1]]

    def say(self, *messages: dict[str, Any]) -> None:
        """As the browser."""
        os.write(self.answers, b"".join(packed(message) for message in messages))


async def until(condition: Callable[[], bool]) -> None:
    """Let the pipe be read until ``condition`` holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def ends() -> AsyncIterator[Ends]:
    (orders, ours_out), (ours_in, answers), (says, to_pipe), (from_pipe, hears) = (os.pipe() for _ in range(4))
    pipe = await DevToolsPipe.over((ours_out, ours_in, says, hears))
    yield Ends(pipe, orders, answers, to_pipe, from_pipe)
    pipe.close()
    await asyncio.sleep(0.02)
    for one in (orders, answers, to_pipe, from_pipe):
        os.close(one)


async def test_an_order_gets_its_own_answer_whatever_comes_between(ends: Ends) -> None:
    first = asyncio.create_task(ends.pipe.send("Browser.getVersion"))
    second = asyncio.create_task(ends.pipe.send("SystemInfo.getInfo", session="AB12"))
    orders = await ends.hear(ends.orders)
    assert [order["method"] for order in orders] == ["Browser.getVersion", "SystemInfo.getInfo"]
    assert "sessionId" not in orders[0]
    assert orders[1]["sessionId"] == "AB12"
    ends.say(
        {"id": orders[1]["id"], "result": {"second": True}, "sessionId": "AB12"},
        {"method": "Page.loadEventFired", "params": {}, "sessionId": "AB12"},
        {"id": orders[0]["id"], "result": {"first": True}},
    )
    assert await first == {"first": True}
    assert await second == {"second": True}


async def test_a_refused_order_says_why(ends: Ends) -> None:
    order = asyncio.create_task(ends.pipe.send("Page.fly"))
    (sent,) = await ends.hear(ends.orders)
    ends.say({"id": sent["id"], "error": {"code": -32601, "message": "'Page.fly' wasn't found"}})
    with pytest.raises(DevToolsError, match=r"Page\.fly: 'Page\.fly' wasn't found"):
        await order


async def test_messages_come_in_pieces_and_with_text_that_is_no_unicode(ends: Ends) -> None:
    heard: list[dict[str, Any]] = []
    ends.pipe.session("AB").on("Page.frameNavigated", heard.append)
    message = rb'{"method":"Page.frameNavigated","params":{"title":"half \ud800 a pair"},"sessionId":"AB"}' + b"\0"
    for piece in (message[:7], message[7:40], message[40:]):
        os.write(ends.answers, piece)
        await asyncio.sleep(0.02)  # so that each is read by itself
    await until(lambda: bool(heard))
    assert heard == [{"title": "half \ud800 a pair"}]


async def test_events_go_to_their_session_alone_and_a_page_cannot_name_another(ends: Ends) -> None:
    heard: list[str] = []
    ends.pipe.session("AA").on("Page.frameNavigated", lambda event: heard.append(f"a {event['url']}"))
    ends.pipe.session("BB").on("Page.frameNavigated", lambda event: heard.append(f"b {event['url']}"))
    forged = 'x","sessionId":"BB"}'
    ends.say({"method": "Page.frameNavigated", "params": {"url": forged}, "sessionId": "AA"})
    ends.say({"method": "Page.frameNavigated", "params": {"url": "y"}, "sessionId": "CC"})
    ends.say({"method": "Page.frameNavigated", "params": {"url": "last"}, "sessionId": "AA"})
    await until(lambda: "a last" in heard)
    assert heard == [f"a {forged}", "a last"]


async def test_what_a_handler_raises_ends_nothing(ends: Ends) -> None:
    heard: list[dict[str, Any]] = []
    session = ends.pipe.session("AA")
    session.on("Page.loadEventFired", lambda event: event["missing"])
    session.on("Page.loadEventFired", heard.append)
    ends.say({"method": "Page.loadEventFired", "params": {}, "sessionId": "AA"})
    await until(lambda: bool(heard))
    assert heard == [{}]


async def test_playwright_speaks_through_but_is_not_told_of_targets(ends: Ends) -> None:
    attach = {"id": 2, "method": "Target.setAutoAttach", "params": {"autoAttach": True}}
    version = {"id": 1, "method": "Browser.getVersion", "params": {}}
    os.write(ends.to_pipe, packed(attach) + packed(version))
    assert await ends.hear(ends.from_pipe) == [{"id": 2, "result": {}}]
    assert await ends.hear(ends.orders) == [version]
    ends.say({"id": 1, "result": {"product": "Chrome/1"}})
    assert await ends.hear(ends.from_pipe) == [{"id": 1, "result": {"product": "Chrome/1"}}]


async def test_an_order_to_what_has_gone_fails_at_once(ends: Ends) -> None:
    waiting = asyncio.create_task(ends.pipe.send("Page.navigate", session="AA"))
    (sent,) = await ends.hear(ends.orders)
    assert sent["id"] >= FIRST_NUMBER
    ends.pipe.drop("AA")
    with pytest.raises(DevToolsError, match="the page is gone"):
        await waiting
    last = asyncio.create_task(ends.pipe.send("Browser.getVersion"))
    await ends.hear(ends.orders)
    ends.pipe.close()
    for order in (last, ends.pipe.send("Browser.getVersion")):
        with pytest.raises(DevToolsError, match="the browser is gone"):
            await order
