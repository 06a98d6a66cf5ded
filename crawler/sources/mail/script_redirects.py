"""Find where scripts lead: addresses that a page's script opens, also where it puts them together of encoded pieces.

No script is run.  Strings are read with their escapes, joined at ``+``, and decoded by the few functions that every language of
obfuscation begins with (``atob``, ``unescape``, ``String.fromCharCode``); of everything else nothing is known.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

MAX_SCRIPT = 500_000
"""Characters of a script that are searched."""
_MOST_SINKS, _MOST_PIECES, _DEPTH = 200, 400, 6
_NAME = r"[A-Za-z_$][\w$]*"
_SINK = re.compile(
    r"(?:\blocation\b(?:['\"]\s*\])?(?:\s*\.\s*href|\s*\[\s*['\"]href['\"]\s*\])?\s*=(?!=)"
    r"|\blocation\b(?:['\"]\s*\])?\s*(?:\.\s*|\[\s*['\"])(?:replace|assign)(?:['\"]\s*\])?\s*\("
    r"|\b(?:window|self|top|parent)\s*\.\s*(?:open|navigate)\s*\("
    r"|\.\s*(?:href|action|src)\s*=(?!=)"
    r"|\bnavigation\s*\.\s*navigate\s*\(|\bset(?:Attribute)?\s*\(\s*['\"](?:href|action|src)['\"]\s*,)\s*"
)
_SINK_WITHOUT_FRAMES = re.compile(_SINK.pattern.replace("|action|src", "|action"))
"""Without a frame, a script's ``src`` is a picture or another script."""
_WRITES = re.compile(
    r"\b(?:document\s*\.\s*write(?:ln)?\s*\(|(?:inner|outer)HTML\s*=(?!=)|srcdoc\s*=(?!=)|eval\s*\()\s*"
)
_ASSIGNED = re.compile(rf"(?:\b(?:var|let|const)\s+|[;,{{(\s]|^)({_NAME})\s*=(?![=>])\s*")
_STRING = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\$]|\\.|\$(?!\{))*)`", re.S)
_CALL = re.compile(rf"(?:(?:window|self|String)\s*\.\s*)?({_NAME})\s*\(\s*")
_VARIABLE = re.compile(rf"{_NAME}")
_NUMBERS = re.compile(r"[\s\d,x]*", re.I)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u\{?([0-9A-Fa-f]{4,6})\}?|(\n)|(.))", re.S)
_PERCENT_U = re.compile(r"%u([0-9A-Fa-f]{4})")
_BETWEEN = "\ue000"
_METHOD = re.compile(r"\s*\.\s*(join|split|reverse|concat|replace|replaceAll|trim|toString|toLowerCase)\s*\(\s*")
_INDEX = re.compile(r"\s*\[\s*(\d{1,4})\s*\]")
_PATTERN = re.compile(r"/((?:[^/\\\n]|\\.){1,50})/[a-z]*")
_SPACE = re.compile(r"(?:\s|/\*.*?\*/)*", re.S)
_WEB = re.compile(r"\s*(?:https?:)?//[^\s/]", re.I)


def script_targets(script: str) -> Iterator[str]:
    """Yield the web addresses that a script opens, as it writes them; ``//host`` gets a scheme."""
    frames = "frame" in script[:MAX_SCRIPT].lower()
    for text in _values(script, _SINK if frames else _SINK_WITHOUT_FRAMES):
        if _WEB.match(text):
            yield text.strip() if ":" in text[:8] else "https:" + text.strip()


def script_markup(script: str) -> Iterator[str]:
    """Yield the HTML, and the scripts in ``eval``, that a script writes into its page."""
    yield from (text for text in _values(script, _WRITES) if len(text) > 10)


def _values(script: str, sink: re.Pattern[str]) -> Iterator[str]:
    script = script[:MAX_SCRIPT]
    reader: _Strings | None = None
    for count, found in enumerate(sink.finditer(script)):
        if count >= _MOST_SINKS:
            return
        reader = reader or _Strings(script)
        yield reader.at(found.end()).partition(_BETWEEN)[0]


class _Strings:
    """Reader of expressions that are strings."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._places: dict[str, int] = {}
        for found in _ASSIGNED.finditer(script):
            self._places.setdefault(found[1], found.end())
        self._pieces = 0

    def at(self, place: int) -> str:
        """Return the string of the expression at a place; what is unknown in it is left out."""
        self._pieces = 0
        return self._sum(place, 0)[0]

    def _sum(self, place: int, depth: int) -> tuple[str, int]:
        parts: list[str] = []
        while True:
            part, place = self._term(self._skip(place), depth)
            part, place = self._changed(part, place, depth)
            parts.append(part)
            self._pieces += 1
            place = self._skip(place)
            if self._script[place : place + 1] != "+" or self._pieces > _MOST_PIECES:
                return "".join(parts), place
            place += 1

    def _term(self, place: int, depth: int) -> tuple[str, int]:
        if depth > _DEPTH:
            return "", place
        found = _STRING.match(self._script, place)
        if found is not None:
            return _unescaped(found[1] or found[2] or found[3] or ""), found.end()
        if self._script[place : place + 1] == "[":
            return self._list(place + 1, depth)
        if self._script[place : place + 1] == "(":
            text, end = self._sum(place + 1, depth + 1)
            return text, self._closed(end)
        call = _CALL.match(self._script, place)
        if call is not None:
            return self._call(call[1], call.end(), depth)
        name = _VARIABLE.match(self._script, place)
        if name is None:
            return "", place
        known = self._places.get(name[0])
        text = self._sum(known, depth + 1)[0] if known is not None and known != place else ""
        return text, name.end()

    def _list(self, place: int, depth: int) -> tuple[str, int]:
        """Return the strings of a list, joined by a character that no script has: its methods come next."""
        items: list[str] = []
        while len(items) < _MOST_PIECES:
            item, place = self._sum(place, depth + 1)
            items.append(item)
            place = self._skip(place)
            if self._script[place : place + 1] != ",":
                break
            place += 1
        return _BETWEEN.join(items), place + 1 if self._script[place : place + 1] == "]" else place

    def _changed(self, text: str, place: int, depth: int) -> tuple[str, int]:
        """Apply the methods that are called on a string or a list."""
        for _ in range(_DEPTH):
            method = _METHOD.match(self._script, place)
            if method is None:
                index = _INDEX.match(self._script, place)
                if index is None or _BETWEEN not in text:
                    return text, place
                items = text.split(_BETWEEN)
                return items[int(index[1])] if int(index[1]) < len(items) else "", index.end()
            pattern = _PATTERN.match(self._script, method.end())
            first, place = (pattern[1], pattern.end()) if pattern else self._sum(method.end(), depth + 1)
            second = ""
            place = self._skip(place)
            if self._script[place : place + 1] == ",":
                second, place = self._sum(place + 1, depth + 1)
            text, place = _applied(method[1], text, first, second), self._closed(place)
        return text, place

    def _call(self, name: str, place: int, depth: int) -> tuple[str, int]:
        if name == "fromCharCode":
            numbers = _NUMBERS.match(self._script, place)
            assert numbers is not None  # the expression matches the empty string
            return _from_codes(numbers[0]), self._closed(numbers.end())
        text, end = self._sum(place, depth + 1)
        decode = _DECODERS.get(name)
        return text if decode is None else decode(text), self._closed(end)

    def _skip(self, place: int) -> int:
        space = _SPACE.match(self._script, place)
        return space.end() if space else place

    def _closed(self, place: int) -> int:
        place = self._skip(place)
        return place + 1 if self._script[place : place + 1] == ")" else place


def _applied(method: str, text: str, first: str, second: str) -> str:
    """Return what a method of JavaScript's strings and lists gives."""
    if method == "join":
        return text.replace(_BETWEEN, first)
    if method == "split":
        return _BETWEEN.join(text.split(first) if first else text)
    if method == "reverse":
        return _BETWEEN.join(reversed(text.split(_BETWEEN)))
    if method == "concat":
        return text + first + second
    if method in {"replace", "replaceAll"}:
        return text.replace(first.replace("\\", ""), second) if first else text
    return text.lower() if method == "toLowerCase" else text


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return "" if found[3] else {"n": "\n", "t": "\t", "r": "\r"}.get(found[4], found[4])


def _from_codes(text: str) -> str:
    numbers = [number.strip() for number in text.split(",")]
    try:
        return "".join(chr(int(number, 0) & 0xFFFF) for number in numbers if number)
    except ValueError:
        return ""


def _atob(text: str) -> str:
    plain = re.sub(r"\s", "", text)[:MAX_SCRIPT]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def _unescape(text: str) -> str:
    return unquote(_PERCENT_U.sub(lambda found: chr(int(found[1], 16)), text), "latin-1")


_DECODERS: dict[str, Callable[[str], str]] = {
    "atob": _atob,
    "unescape": _unescape,
    "decodeURIComponent": unquote,
    "decodeURI": unquote,
}
