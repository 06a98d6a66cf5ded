"""Find what inline scripts write and where they lead: HTML in encoded form, in which kits hide their form from scanners.

Nothing is run.  Strings that are escaped (``%3Cform``, ``\\x3c``, ``\\u003c``) or in base64 are decoded, up to three times.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

MOST_SCRIPT = 400_000
MOST_FOUND = 5
_LAYERS = 3
_FEWEST_ESCAPES = 12
_TOKEN = re.compile(r"[^\s\"'`]+")
_BASE64 = re.compile(r"""(?:atob\s*\(|base64,)\s*["'`]?([A-Za-z0-9+/\s]{80,}={0,2})""")
# each alternative consumes what it has begun, closed or not: nothing is scanned twice, whatever the script holds
_LITERAL = re.compile(
    r""""(?:[^"\\\n]|\\.)*+(?:["\n]|\\?\Z)|'(?:[^'\\\n]|\\.)*+(?:['\n]|\\?\Z)|`(?:[^`\\]|\\.)*+(?:`|\\?\Z)""", re.DOTALL
)
_SHORTEST = 40
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|([^xu]))")
_CODES = re.compile(r"(?:fromCharCode\s*\(|=\s*\[)\s*((?:\d{1,5}\s*,\s*){30,}\d{1,5})")
_MARKUP = re.compile(r"<\s*(?:form|input|title|div|table|h1|img|body|html|a|p)[\s>]", re.IGNORECASE)
_JUMP = re.compile(
    r"(?:location(?:\.href)?\s*=(?!=)|location\.(?:replace|assign)\s*\()\s*[\"'`]([^\"'`\s]{1,2000})[\"'`]",
    re.IGNORECASE,
)
_MOST_BEFORE_JUMP = 20_000
"""Characters of a script in which an address is looked for."""
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": ""}


def written(scripts: Iterable[str]) -> list[str]:
    """Return the pieces of HTML that the scripts hold as text, at most five."""
    found: list[str] = []
    for script in scripts:
        for text in _decoded(script[:MOST_SCRIPT], _LAYERS):
            if text not in found:
                found.append(text)
            if len(found) >= MOST_FOUND:
                return found
    return found


def jump_address(scripts: Iterable[str]) -> str:
    """Return the first address that a script gives the browser to open, as it is written; empty without one."""
    for script in scripts:
        found = _JUMP.search(script[:_MOST_BEFORE_JUMP])
        if found:
            return found[1]
    return ""


def _decoded(text: str, layers: int) -> Iterator[str]:
    for inner in _strings(text):
        if _MARKUP.search(inner):
            yield inner
        elif layers > 1:
            yield from _decoded(inner, layers - 1)


def _strings(text: str) -> Iterator[str]:
    if text.count("%") >= _FEWEST_ESCAPES:
        for piece in _TOKEN.findall(text):
            if piece.count("%") >= _FEWEST_ESCAPES:
                yield unquote(piece, errors="replace")
    for piece in _BASE64.findall(text):
        packed = "".join(piece.split()).rstrip("=")
        try:
            yield b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace")
        except ValueError:
            continue
    for piece in _CODES.findall(text):
        yield "".join(chr(code) for code in map(int, piece.split(",")) if code < 0xD800)
    for piece in _LITERAL.findall(text):
        if len(piece) >= _SHORTEST and ("\\" in piece or "<" in piece):
            yield _ESCAPE.sub(_unescaped, piece[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code is None:
        return _SIMPLE.get(found[4], found[4])
    value = int(code, 16)
    return chr(value) if value <= 0x10FFFF and not 0xD800 <= value < 0xE000 else "\ufffd"
