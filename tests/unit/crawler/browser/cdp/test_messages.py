"""Messages of the pipe: cut out of a byte stream, serialised and parsed."""

from __future__ import annotations

import pytest

from crawler.browser.cdp.messages import MessageSplitter, encode, parse


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_messages_come_in_pieces_of_any_size(size: int) -> None:
    splitter = MessageSplitter()
    stream = b"first\0\0third\0begun"
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert [message for piece in pieces for message in splitter.whole(piece)] == [b"first", b"", b"third"]
    assert list(splitter.whole(b" and ended\0")) == [b"begun and ended"]


@pytest.mark.parametrize("text", ["plain", "gr\u00fc\u00df", "lone \ud83d surrogate", "nul \0"])
def test_any_text_that_json_can_have_is_kept(text: str) -> None:
    message = {"id": 1, "params": {"url": text}}
    assert parse(encode(message)) == message
    assert b"\0" not in encode(message)
