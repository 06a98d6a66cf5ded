"""Serves the year from a process of its own: web sites by Host header on one port, and the name server that knows them.

``python -m benchmarks.year.server COUNT BRANDS...`` prints ``HTTP-PORT DNS-PORT`` and serves until it is killed.  Hostile pages
write to their connections themselves, and some hold them open for the whole run, which would cost a web server a thread each.
"""

from __future__ import annotations

import asyncio
import mimetypes
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from benchmarks.sign_in_pages import page_files
from benchmarks.year import hostile
from benchmarks.year.pages import STYLE, Shown, document
from benchmarks.year.plan import Kind, Place, plan
from crawler.loopback.connections import ConnectionServer, read_request, response_bytes
from crawler.loopback.nameserver import NameServer, asked_name
from crawler.loopback.web import Request, Response
from crawler.runtime.own_module import own_module
from detector.brands import load_library
from detector.model import Brand

HERE, NOBODY = "127.0.0.1", "127.0.0.2"
"""Address of the sites, and an address that nobody listens at."""
PHOTOS = 8
SHOWN_BESIDE = 3
"""Brands that an innocent page shows."""


class Year:
    """The answers for every host."""

    def __init__(self, places: Sequence[Place], brands: Sequence[Brand]) -> None:
        self.places = {place.host: place for place in places}
        self._logos = {f"/brand/{brand.id}{_suffix(brand)}": _file(brand) for brand in brands}
        self._shown = [Shown(brand.id, brand.name, f"/brand/{brand.id}{_suffix(brand)}") for brand in brands]
        self._by_id = {shown.id: shown for shown in self._shown}
        self._photos = {f"/photo{n}.png": page_files(n)[f"/{n}/0.png"][1] for n in range(PHOTOS)}

    def trouble(self, place: Place) -> hostile.Trouble | None:
        """Return the attack of a hostile page; None for other pages."""
        return hostile.KINDS[place.number % len(hostile.KINDS)] if place.kind is Kind.HOSTILE else None

    def answer(self, place: Place, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body."""
        if path == "/":
            start = place.number % len(self._shown)
            others = tuple(self._shown[(start + 7 * step) % len(self._shown)] for step in range(SHOWN_BESIDE))
            text = document(place, self._by_id.get(place.brand or ""), others)
            return 200, "text/html; charset=utf-8", text.encode()
        if path == "/style.css":
            return 200, "text/css", STYLE.encode()
        if path in self._photos:
            return 200, "image/png", self._photos[path]
        if path in self._logos:
            return 200, mimetypes.guess_type(path)[0] or "", self._logos[path].read_bytes()
        return 404, "text/html", b"<!doctype html><title>Not found</title><h1>Not found</h1>"

    def addresses(self, host: str) -> tuple[dns.rcode.Rcode, str] | None:
        """DNS's answer for a name, and the address where it has one; None: the server stays silent."""
        place = self.places.get(host)
        if place is None or (place.kind is Kind.DEAD and place.number % 10 < 6):
            return dns.rcode.NXDOMAIN, ""
        if place.kind is not Kind.DEAD:
            return dns.rcode.NOERROR, HERE
        return {6: (dns.rcode.SERVFAIL, ""), 7: None}.get(place.number % 10, (dns.rcode.NOERROR, NOBODY))


def impersonated(folders: Sequence[Path]) -> list[Brand]:
    """Brands whose logo can be shown, hence that can be impersonated.

    Raises:
        BrandFileError: a brand's folder is malformed.
    """
    return [brand for brand in load_library(folders) if brand.logos and brand.answer == brand.id]


def _file(brand: Brand) -> Path:
    """The logo that the brand's sign-in page would show."""
    rank = {"wordmark": 0, "mark": 1, "tile": 2}
    current = [logo for logo in brand.logos if logo.era == "current" and logo.theme != "dark"] or list(brand.logos)
    return Path(min(current, key=lambda logo: (rank[logo.kind], logo.path)).path)


def _suffix(brand: Brand) -> str:
    return _file(brand).suffix


async def serve(year: Year) -> None:
    """Serve until killed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None and await _answer(year, request, writer):
            await writer.drain()

    async with ConnectionServer(talk, address=HERE, backlog=1024) as web:
        with NameServer(partial(_resolve, year)) as names:
            print(web.port, names.port, flush=True)
            await asyncio.Event().wait()


async def _answer(year: Year, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Answer one request; False where the connection ends with it."""
    place = year.places.get(request.host)
    if place is not None and (trouble := year.trouble(place)) is not None:
        return await trouble(writer, request.path)
    status, kind, body = (404, "text/plain", b"") if place is None else year.answer(place, request.path)
    writer.write(response_bytes(Response(body, status, kind), request.method))
    return True


def _resolve(year: Year, query: dns.message.Message) -> dns.message.Message | None:
    found = year.addresses(asked_name(query))
    if found is None:
        return None
    code, address = found
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    response.set_rcode(code)
    question = query.question[0]
    if address and question.rdtype == dns.rdatatype.A:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", address))
    return response


@contextmanager
def served(count: int, folders: Sequence[Path]) -> Iterator[tuple[int, int]]:
    """Ports of the web server and the name server of a year of ``count`` URLs, in another process until left."""
    command, environment = own_module("benchmarks.year.server")
    words = [*command, str(count), *map(str, folders)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            web, names = process.stdout.readline().split()
            yield int(web), int(names)
        finally:
            process.kill()


if __name__ == "__main__":
    all_brands = impersonated([Path(folder) for folder in sys.argv[2:]])
    asyncio.run(serve(Year(plan(int(sys.argv[1]), all_brands), all_brands)))
