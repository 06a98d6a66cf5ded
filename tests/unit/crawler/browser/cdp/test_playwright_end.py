"""Playwright's end of the pipe: what it says is passed on, except what would make it follow our pages."""

from __future__ import annotations

import json

from crawler.browser.cdp.playwright_end import PlaywrightEnd


class Out:
    """The transport to Playwright, as far as it is used."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        self.written += data


def test_commands_are_passed_on_and_following_pages_is_answered_here() -> None:
    sent: list[bytes] = []
    end, out = PlaywrightEnd(sent.append), Out()
    end.out = out  # type: ignore[assignment]
    version, attach = b'{"id":1,"method":"Browser.getVersion"}', b'{"id":2,"method":"Target.setAutoAttach","params":{}}'
    of_a_page = b'{"id":3,"method":"Target.setAutoAttach","sessionId":"AA"}'
    end.data_received(version + b"\0" + attach + b"\0" + of_a_page + b"\0")
    assert sent == [version, of_a_page]
    assert json.loads(out.written.rstrip(b"\0")) == {"id": 2, "result": {}}


def test_what_comes_after_the_end_is_dropped() -> None:
    end, out = PlaywrightEnd(lambda _: None), Out()
    end.forward(b"early")
    end.out = out  # type: ignore[assignment]
    out.closed = True
    end.forward(b"late")
    assert out.written == b""
