"""Sessions: commands carry their id, and events reach their handlers."""

from __future__ import annotations

from typing import Any

from crawler.browser.cdp.session import DevToolsSession, Event


class Sender:
    """Notes the commands that a session sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Event | None, str]] = []

    async def send(self, method: str, parameters: Event | None = None, session: str = "") -> dict[str, Any]:
        self.sent.append((method, parameters, session))
        return {"answer": method}

    def post(self, method: str, parameters: Event | None = None, session: str = "") -> int:
        self.sent.append((method, parameters, session))
        return len(self.sent)


async def test_commands_carry_the_sessions_id() -> None:
    sender = Sender()
    session = DevToolsSession(sender, "AA")
    assert await session.send("Page.enable") == {"answer": "Page.enable"}
    session.post("Page.close", {"x": 1})
    assert sender.sent == [("Page.enable", None, "AA"), ("Page.close", {"x": 1}, "AA")]


def test_an_event_reaches_all_its_handlers_whatever_one_of_them_raises() -> None:
    session = DevToolsSession(Sender(), "AA")
    heard: list[Event] = []
    assert not session.has_handler("Page.loadEventFired")
    session.on("Page.loadEventFired", lambda event: event["missing"])
    session.on("Page.loadEventFired", heard.append)
    assert session.has_handler("Page.loadEventFired")
    session.dispatch("Page.loadEventFired", {"timestamp": 1})
    session.dispatch("Page.frameNavigated", {})
    assert heard == [{"timestamp": 1}]
