"""Sign-in-like pages of our own for measuring captures, and the small server that gives them from a process of its own.

Each page has an address, hence a site, of its own where the machine's loopback network has more than one address, as a crawl's
pages have: a browser that goes from one page of a site to the next in the same renderer does what no crawl of lookalikes can do.
One asyncio loop listens at all addresses, because a web server with a thread for each would itself keep a core busy.
"""

from __future__ import annotations

import asyncio
import io
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from PIL import Image, ImageDraw

from crawler.loopback.connections import ConnectionServer, read_request, response_bytes
from crawler.loopback.web import Response

PICTURES = 3
"""Pictures a page has."""
SITES = 240
"""Addresses that the pages are spread over: 127.0.0.1 and those after it."""


def page_files(number: int) -> dict[str, tuple[str, bytes]]:
    """Path -> (media type, body) of all that page ``number`` is made of: document, style sheet, script and pictures."""
    colour = f"#{random.Random(number).randrange(0x1000000):06x}"
    base = f"/{number}"
    pictures = "".join(f'<img src="{base}/{index}.png" width="160" height="60" alt="">' for index in range(PICTURES))
    document = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in to service {number}</title>
<link rel="stylesheet" href="{base}/style.css"><script src="{base}/script.js" defer></script></head><body>
<header>{pictures}<nav><a href="#help">Help</a> <a href="#contact">Contact</a></nav></header>
<main><h1>Welcome to service {number}</h1><p>Sign in to see your messages, orders and bills.</p>
<form method="post" action="{base}/session"><label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form>
{"<p>Keep your password to yourself. We never ask for it by telephone.</p>" * 6}</main>
<footer id="contact">Service {number}, 1 Example Street</footer></body></html>"""
    style = f"""body{{font:16px/1.5 sans-serif;margin:0;background:#f4f4f4}}header{{background:{colour};padding:16px;color:#fff}}
main{{max-width:420px;margin:32px auto;padding:24px;background:#fff;box-shadow:0 2px 8px #0003;border-radius:8px}}
label{{display:block;margin:12px 0}}input{{width:100%;padding:8px}}button{{background:{colour};color:#fff;padding:10px 24px}}"""
    script = "for (const field of document.querySelectorAll('input')) field.autocomplete = 'off';"
    files = {
        base: ("text/html; charset=utf-8", document.encode()),
        f"{base}/style.css": ("text/css", style.encode()),
        f"{base}/script.js": ("text/javascript", script.encode()),
    }
    return files | {f"{base}/{index}.png": ("image/png", _logo(number, index)) for index in range(PICTURES)}


def _logo(number: int, index: int) -> bytes:
    draw_from = random.Random(number * PICTURES + index)
    image = Image.new("RGB", (320, 120), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, colour = draw_from.randrange(300), draw_from.randrange(100), draw_from.randrange(0x1000000)
        draw.ellipse((x, y, x + 30, y + 30), fill=f"#{colour:06x}")
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def _address(number: int) -> str:
    return f"127.0.0.{1 + number % SITES}"


def _addresses(count: int) -> list[str]:
    """Addresses at which ``count`` pages are served; 127.0.0.1 alone on systems whose loopback network has only that."""
    with socket.socket() as probe:
        try:
            probe.bind((_address(1), 0))
        except OSError:
            return [_address(0)]
    return [_address(number) for number in range(min(count, SITES))]


async def serve(count: int) -> None:
    """Serve ``count`` pages on a free port of loopback addresses, which are printed after it, until killed."""
    files = {path: file for number in range(count) for path, file in page_files(number).items()}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            media_type, body = files.get(request.target, ("text/plain", b""))
            writer.write(response_bytes(Response(body, 200 if request.target in files else 404, media_type)))
            await writer.drain()

    first, *more = _addresses(count)
    async with AsyncExitStack() as stack:
        port = (await stack.enter_async_context(ConnectionServer(answer, address=first))).port
        if more:
            await stack.enter_async_context(ConnectionServer(answer, address=more, port=port))
        print(port, first, *more, flush=True)
        await asyncio.Event().wait()


@contextmanager
def served(count: int) -> Iterator[list[str]]:
    """Addresses of ``count`` pages, served by another process until left."""
    command = [sys.executable, "-m", "benchmarks.sign_in_pages", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, *addresses = process.stdout.readline().split()
            yield [f"http://{addresses[number % len(addresses)]}:{port}/{number}" for number in range(count)]
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
