"""Fetch a page's icon through the capture's proxy, with limits of its own.

Playwright's request API would buffer and decompress whatever a server sends; this small client asks for uncompressed bytes,
reads a bounded number of them, and connects to the proxy only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import urljoin, urlsplit

from crawler.browser.cdp.commands import DevTools
from crawler.capture.page_facts import LIMITS
from crawler.net.guard import FailureError, http_heads
from crawler.net.guard.insecure_tls import unverified_context
from crawler.net.guard.request_head import host_header, request_head, request_target
from crawler.pages.pictures import MAX_INLINE, icon_as_png, inline_picture

MAX_BYTES = 1_000_000
MAX_TRIES = 3
MAX_REDIRECTS = 3
MOST_REQUESTS = MAX_TRIES * (MAX_REDIRECTS + 1)
TOTAL_SECONDS = 5.0
_WHOLE = """((cut, most) => {
  const links = Document.prototype.querySelectorAll.call(document, "link[href^='data:' i]");
  const addresses = Array.from(links, (link) => Element.prototype.getAttribute.call(link, "href"))
    .filter((address) => address.length <= most)
    .map((address) => { try { return new URL(address).href } catch { return "" } });
  return cut.map((begin) => addresses.find((address) => address.startsWith(begin)) ?? null);
})"""
"""Returns the whole addresses that begin with those that were cut; null for one that is too long."""


async def fetch_icon(proxy: str, icons: Iterable[str], page: str, user_agent: str) -> bytes | None:
    """Return the first icon that can be fetched and decoded, as PNG; None when there is none.

    ``proxy``: its address; ``icons``: those that the page names, in order; ``/favicon.ico`` is tried last.
    """
    tries = list(dict.fromkeys([*islice(icons, MAX_TRIES - 1), urljoin(page, "/favicon.ico")]))
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            for url in tries:
                data = await _fetch(proxy, url, user_agent)
                png = await asyncio.to_thread(icon_as_png, data) if data else None
                if png is not None:
                    return png
    except TimeoutError:
        return None
    return None


async def whole_icons(devtools: DevTools, icons: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of a page's icons, those that contain the icon in full: page facts cut long addresses.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
    """
    cut = [icon for icon in icons[: MAX_TRIES - 1] if icon[:5].lower() == "data:" and len(icon) >= LIMITS["address"]]
    if not cut:
        return tuple(icons)
    answer = await devtools.evaluate(f"({_WHOLE})({json.dumps(cut)}, {MAX_INLINE})", seconds=2)
    whole = dict(zip(cut, answer, strict=False)) if isinstance(answer, list) else {}
    return tuple(str(whole.get(icon) or icon) for icon in icons)


async def _fetch(proxy: str, url: str, user_agent: str) -> bytes | None:
    for _ in range(MAX_REDIRECTS + 1):
        if url[:5].lower() == "data:":
            return inline_picture(url)
        try:
            answer = await _get(proxy, url, user_agent)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return None
        except (http_heads.BadHeadError, FailureError):
            return None
        if not isinstance(answer, str):
            return answer
        url = urljoin(url, answer)
    return None


async def _get(proxy: str, url: str, user_agent: str) -> bytes | str | None:
    """Return the body, or the address of a redirect, or None."""
    where, parts, proxy_parts = http_heads.endpoint(url), urlsplit(url), urlsplit(proxy)
    if where is None or parts.scheme not in ("http", "https"):
        return None
    reader, writer = await asyncio.open_connection(proxy_parts.hostname, proxy_parts.port, limit=http_heads.HEAD_LIMIT)
    try:
        target, host = request_target(url), host_header(url)
        if parts.scheme == "https":
            name = host if parts.port else f"{host}:{where[1]}"
            writer.write(f"CONNECT {name} HTTP/1.1\r\n\r\n".encode("ascii"))
            tunnel = await http_heads.read_head(reader)
            if tunnel is None or tunnel.start[1] != b"200":
                return None
            await writer.start_tls(unverified_context(), server_hostname=where[0])
        else:
            target = f"http://{host}{target}"
        headers = {"User-Agent": user_agent, "Accept": "image/*", "Accept-Encoding": "identity", "Connection": "close"}
        writer.write(request_head(target, host, headers.items()))
        return await _answer(reader)
    finally:
        writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> bytes | str | None:
    head = await http_heads.read_head(reader, lenient=True)
    if head is None:
        return None
    if head.start[1] in (b"301", b"302", b"303", b"307", b"308"):
        return next((value.decode("latin-1") for value in head.values(b"location")), None)
    if head.start[1] != b"200":
        return None
    if any(b"chunked" in value.lower() for value in head.values(b"transfer-encoding")):
        return await _chunked(reader)
    length = head.content_length()
    data = bytearray()
    while len(data) <= MAX_BYTES and (length is None or len(data) < length):
        chunk = await reader.read(http_heads.HEAD_LIMIT)
        if not chunk:
            break
        data += chunk
    return bytes(data) if 0 < len(data) <= MAX_BYTES else None


async def _chunked(reader: asyncio.StreamReader) -> bytes | None:
    """Read a body in chunks (RFC 9112, section 7.1)."""
    data = bytearray()
    while True:
        size = int((await reader.readuntil(b"\n")).split(b";", 1)[0].strip(), 16)
        if size == 0:
            return bytes(data)
        if size < 0 or len(data) + size > MAX_BYTES:
            return None
        data += await reader.readexactly(size)
        await reader.readexactly(2)
