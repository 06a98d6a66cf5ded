"""Incremental parser of the values in a JSON text that may be larger than memory, cut off, or broken in the middle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.sources.feeds.decompression import FeedFault

MAX_VALUE = 1 << 20
"""Largest number of characters of one value; anything larger is not an entry of a feed."""
_DEPTH = 4
_PLAIN_VALUES = 1000
"""Plain values of outermost objects that are kept; those of the envelopes that are known are fewer than ten."""
_SPACE = re.compile(r"[ \t\r\n,\x1e]*")
_LONGEST_WHOLE = 300
"""Digits of a number that is read exactly; Python refuses to read some thousands, and no entry is told by them."""


def _number(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_WHOLE else float(text)


_decode = json.JSONDecoder(parse_int=_number).raw_decode


class _Text:
    """A sliding window over a stream of text."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._fault: FeedFault | None = None
        self.buffer = ""
        self.position = 0

    def more(self) -> bool:
        """Read the next chunk; False at the end."""
        try:
            chunk = next(self._chunks, None)
        except FeedFault as fault:
            self._fault, chunk = fault, None
        if chunk is None:
            return False
        self.buffer = self.buffer[self.position :] + chunk
        self.position = 0
        return True

    def peek(self) -> str:
        """Return the next character that is neither white space nor a comma; empty at the end."""
        while True:
            found = _SPACE.match(self.buffer, self.position)
            assert found is not None  # the expression matches the empty string
            self.position = found.end()
            if self.position < len(self.buffer):
                return self.buffer[self.position]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Decode the value at the current position, reading further chunks while it is incomplete."""
        while True:
            try:
                value, end = _decode(self.buffer, self.position)
            except json.JSONDecodeError as error:
                long = len(self.buffer) - self.position > MAX_VALUE
                if long or not self.more():
                    cut = error.pos >= len(self.buffer) - 1 or error.msg.startswith("Unterminated")
                    if long and cut:
                        raise FeedFault(f"a value of the JSON is longer than {MAX_VALUE} characters") from error
                    raise self.fault("ends too early" if cut else f"is not valid: {error.msg}") from error
            except RecursionError as error:
                raise FeedFault("the JSON is nested too deeply") from error
            else:
                self.position = end
                return value

    def fault(self, otherwise: str) -> FeedFault:
        """Return the error that ended the parsing: that of the stream if it was cut, else that of the JSON."""
        return self._fault or FeedFault(f"the JSON {otherwise}")

    def check(self) -> None:
        if self._fault is not None:
            raise self._fault


def entries(chunks: Iterator[str], outer: dict[str, Any] | None = None) -> Iterator[Any]:
    """Yield every entry: elements of the outermost list, else whole values (JSON lines), else elements of lists inside objects.

    ``outer`` is filled with the plain values (no lists, no objects) of outermost objects, for what they say of the whole.

    Raises:
        FeedFault: after all readable entries: the text is cut off, broken, or not JSON.
    """
    text = _Text(chunks)
    first = text.peek()
    if not first:
        text.check()
        return
    while first:
        if first == "[":
            yield from _list(text, 0)
        elif first == "{":
            yield from _object(text, 0, {} if outer is None else outer)
        else:
            yield text.value()
        first = text.peek()
    text.check()


def _list(text: _Text, depth: int) -> Iterator[Any]:
    text.position += 1
    while True:
        first = text.peek()
        if first == "]":
            text.position += 1
            return
        if not first:
            raise text.fault("ends too early")
        yield from _list(text, depth + 1) if first == "[" and depth < _DEPTH else (text.value(),)


def _object(text: _Text, depth: int, outer: dict[str, Any]) -> Iterator[Any]:
    """Yield a small object as an entry; search a large one, or one that is cut off, for the lists that it holds.

    ``outer`` takes up its plain values.
    """
    start = text.position
    while True:
        try:
            value, end = _decode(text.buffer, text.position)
        except json.JSONDecodeError:
            if len(text.buffer) - text.position <= MAX_VALUE and text.more():
                start = text.position
                continue
            break
        except RecursionError as error:
            raise FeedFault("the JSON is nested too deeply") from error
        text.position = end
        for key, inner in value.items():
            _take_plain(outer, key, inner)
        yield value
        return
    text.position = start + 1
    yield from _members(text, depth, outer)


def _members(text: _Text, depth: int, outer: dict[str, Any]) -> Iterator[Any]:
    """Yield the elements of the lists in an object whose opening brace was read."""
    while True:
        first = text.peek()
        if first == "}":
            text.position += 1
            return
        if not first:
            raise text.fault("ends too early")
        key = text.value()
        if text.peek() != ":":
            raise text.fault("is not valid: a key without a value")
        text.position += 1
        inner = text.peek()
        if inner == "[":
            yield from _list(text, depth + 1)
        elif inner == "{" and depth < _DEPTH:
            yield from _object(text, depth + 1, {})
        elif inner:
            _take_plain(outer, key, text.value())
        else:
            raise text.fault("ends too early")


def _take_plain(outer: dict[str, Any], key: object, value: object) -> None:
    if isinstance(key, str) and not isinstance(value, dict | list) and (key in outer or len(outer) < _PLAIN_VALUES):
        outer[key] = value
