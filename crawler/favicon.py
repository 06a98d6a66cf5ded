"""Fetches a page's icon through its gate with limits of its own.

Playwright's request API would buffer and inflate whatever a server sends within the driver that all captures share, so a
plain client of the standard library is used; it knows the gate's port and nothing else, and reads no proxy variables.
"""

from __future__ import annotations

import asyncio
import http.client
import ssl
from base64 import b64decode
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from crawler.guard import endpoint
from crawler.pictures import icon_as_png

MAX_BYTES = 1_000_000
MAX_TRIES = 3
MAX_REDIRECTS = 3
READ_SECONDS = 3.0
TOTAL_SECONDS = 6.0


async def fetch_icon(gate: str, icons: Iterable[str], page: str, user_agent: str) -> bytes | None:
    """The first icon that can be had and decoded, as PNG; None when there is none.

    ``gate``: the gate's address; ``icons``: what the page names, in order; ``/favicon.ico`` is tried last.
    """
    wanted = [icon for icon in icons if not urlsplit_path(icon).endswith(".svg")]
    tries = list(dict.fromkeys([*wanted[: MAX_TRIES - 1], urljoin(page, "/favicon.ico")]))
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            for url in tries:
                data = await asyncio.to_thread(_fetch, gate, url, user_agent)
                if data:
                    png = await asyncio.to_thread(icon_as_png, data)
                    if png is not None:
                        return png
    except TimeoutError:
        return None
    return None


def urlsplit_path(url: str) -> str:
    """The path of ``url`` in lower case; empty when it is malformed."""
    try:
        return urlsplit(url).path.lower()
    except ValueError:
        return ""


def _fetch(gate: str, url: str, user_agent: str) -> bytes | None:
    for _ in range(MAX_REDIRECTS + 1):
        if url.startswith("data:"):
            return _inline(url)
        try:
            answer = _get(gate, url, user_agent)
        except (OSError, ValueError, http.client.HTTPException):
            return None
        if isinstance(answer, bytes):
            return answer
        if answer is None:
            return None
        url = urljoin(url, answer)
    return None


def _get(gate: str, url: str, user_agent: str) -> bytes | str | None:
    """The body, or where it has moved to, or None."""
    where = endpoint(url)
    scheme = urlsplit(url).scheme
    if where is None or scheme not in ("http", "https"):
        return None
    door = urlsplit(gate)
    assert door.hostname is not None
    connection: http.client.HTTPConnection
    if scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the picture is evidence, whoever serves it
        connection = http.client.HTTPSConnection(door.hostname, door.port, timeout=READ_SECONDS, context=context)
        connection.set_tunnel(*where)
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    else:
        connection = http.client.HTTPConnection(door.hostname, door.port, timeout=READ_SECONDS)
        target = url.partition("#")[0]
    try:
        headers = {
            "User-Agent": user_agent,
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "Host": urlsplit(url).netloc,
        }
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        if response.status in (301, 302, 303, 307, 308):
            return response.getheader("Location")
        data = response.read(MAX_BYTES + 1) if response.status == 200 else b""
        return data if 0 < len(data) <= MAX_BYTES else None
    finally:
        connection.close()


def _inline(url: str) -> bytes | None:
    head, comma, body = url.partition(",")
    if not comma or len(body) > MAX_BYTES:
        return None
    try:
        data = unquote_to_bytes(body)
        return b64decode(data) if head.endswith(";base64") else data
    except ValueError:
        return None
