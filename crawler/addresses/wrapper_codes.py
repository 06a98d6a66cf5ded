"""Encodings in which services put an address into another one."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

_RUN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Digits with which Proofpoint counts replaced characters in a row: ``A`` is two of them."""
_THIRD = re.compile(r"/v3/__(?P<url>.+?)__;(?P<bytes>[^!]*)!")
_TOKEN = re.compile(r"\*(\*.)?")
_MOST = 16_384


def from_base64(text: str) -> str:
    """Decode base64 or base64url, with padding or without; empty where it is none."""
    plain = unquote(text)[:_MOST].rstrip("=").translate(str.maketrans("-_ ", "+/+"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def from_proofpoint_2(text: str) -> str:
    """Decode ``https-3A__a.example_x``: hyphens stand for per cent signs, underscores for slashes."""
    return unquote(text.translate(str.maketrans("-_", "%/")))


def from_proofpoint_3(path: str) -> str:
    """Decode a path ``/v3/__https://a.example/*x__;BYTES!!...``; empty where it is none.

    ``*`` stands for the next character of ``BYTES`` (base64url of UTF-8), ``**`` and a digit for several of them.
    """
    found = _THIRD.search(path)
    if found is None:
        return ""
    waiting = iter(from_base64(found["bytes"]) if found["bytes"] else "")

    def characters(token: re.Match[str]) -> str:
        if token[1] is None:
            return next(waiting, "*")
        count = _RUN.find(token[1][1]) + 2
        return "".join(next(waiting, "") for _ in range(count))

    url = _TOKEN.sub(characters, found["url"])
    return re.sub(r"^(https?):/(?=[^/])", r"\1://", url)
