"""A site whose pages try to reach baits by every way out of a browser; everything is our own writing."""

from __future__ import annotations

import asyncio

from tests.support.pages.baits import BAIT_NAME, INWARD_NAME, Baits
from tests.support.pages.sites import BAIT_ADDRESS, Site, answer, page, png
from tests.support.pages.ways_out_documents import (
    ELEMENTS,
    FRAMES,
    HEAD,
    PDF,
    RTC,
    SCRIPT,
    SPECULATION,
    SVG,
    XML,
    XML_STYLED,
    XSL,
)


def ways_out(baits: Baits, unvouched: str = "") -> Site:
    """A site whose page ``/`` tries every way out of a page; the last part of a path names it.

    ``unvouched``: a site over TLS whose certificate names the bait as the place to ask about it.
    """
    plain = f"http://{BAIT_ADDRESS}:{baits.http}"
    secure = f"https://{BAIT_ADDRESS}:{baits.https}"
    named = f"http://{BAIT_NAME}:{baits.http}"
    six = f"http://[::1]:{baits.http}"
    decimal = f"http://{int.from_bytes(bytes(map(int, BAIT_ADDRESS.split('.'))), 'big')}:{baits.http}"
    fill = {"PLAIN": plain, "SECURE": secure, "NAMED": named, "SIX": six, "DECIMAL": decimal}
    fill |= {"HOST": f"{BAIT_ADDRESS}:{baits.http}", "TLSHOST": f"{BAIT_ADDRESS}:{baits.https}"}
    fill |= {"NAMEHOST": f"{BAIT_NAME}:{baits.http}", "SIXHOST": f"[::1]:{baits.http}"}

    def filled(text: str) -> str:
        for word in sorted(fill, key=len, reverse=True):
            text = text.replace(f"@{word}@", fill[word])
        return text

    reporting = {
        "Link": filled(
            "<@PLAIN@/link-preload>; rel=preload; as=script, <@PLAIN@/link-modulepreload>; rel=modulepreload, "
            "<@PLAIN@>; rel=preconnect, <@PLAIN@/link-style>; rel=stylesheet"
        ),
        "Reporting_Endpoints": filled('default="@SECURE@/report-default", csp="@SECURE@/report-csp"'),
        "Report_To": filled('{"group":"nel","max_age":600,"endpoints":[{"url":"@SECURE@/report-nel"}]}'),
        "NEL": '{"report_to":"nel","max_age":600,"success_fraction":1.0,"failure_fraction":1.0}',
        "Content_Security_Policy_Report_Only": filled("script-src 'none'; report-uri @PLAIN@/csp-report-uri"),
        "Alt_Svc": f'h2="{BAIT_ADDRESS}:{baits.https}", h3=":{baits.https}"; ma=600',
        "SourceMap": filled("@PLAIN@/sourcemap"),
        "Speculation_Rules": '"/rules.json"',
    }
    hidden = page(filled(ELEMENTS), head=filled(HEAD))
    script = answer(filled(SCRIPT).encode(), media_type="text/javascript")
    return Site(
        {
            "/": answer(
                page(
                    f'<h1>harmless</h1><img src="/slow"><img src="{unvouched}">' + filled(FRAMES),
                    head=filled(SPECULATION),
                ),
                **reporting,
            ),
            "/spellings": answer(page(_spelled(baits))),
            "/elements": answer(hidden),
            "/script": answer(page('<script src="/script.js"></script><p id="status">scripts</p>'), **reporting),
            "/script.js": script,
            "/rtc": answer(page(f"<script>{filled(RTC)}</script>")),
            "/rules.json": answer(
                filled('{"prefetch":[{"urls":["@SECURE@/rules-prefetch","@PLAIN@/rules-plain"]}]}').encode(),
                media_type="application/speculationrules+json",
            ),
            "/slow": _slow,
            "/302": answer(b"", status="302 Found", Location=filled("@PLAIN@/redirected")),
            "/refresh": answer(page("on"), Refresh=filled("0; url=@PLAIN@/refresh-header")),
            "/early": filled(
                "HTTP/1.1 103 Early Hints\r\nLink: <@PLAIN@/early-hint>; rel=preload; as=style\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            ).encode(),
            "/svg": answer(filled(SVG).encode(), media_type="image/svg+xml"),
            "/xml": answer(filled(XML).encode(), media_type="text/xml"),
            "/xml-styled": answer(filled(XML_STYLED).encode(), media_type="text/xml"),
            "/xsl": answer(filled(XSL).encode(), media_type="text/xsl"),
            "/pdf": answer(filled(PDF).encode(), media_type="application/pdf"),
            "/hls": answer(
                filled("#EXTM3U\n#EXTINF:9,\n@PLAIN@/hls-segment\n").encode(),
                media_type="application/vnd.apple.mpegurl",
            ),
            "/tracks": answer(b"WEBVTT\n", media_type="text/vtt"),
            "/picture": answer(png(), media_type="image/png"),
            "/manifest": answer(
                filled('{"name":"x","icons":[{"src":"@PLAIN@/manifest-icon","sizes":"96x96"}]}').encode(),
                media_type="application/manifest+json",
            ),
            "/exchange": answer(_exchange(filled("@SECURE@/exchange-cert")), media_type=EXCHANGE, nosniff="1"),
            "/sw.js": answer(
                filled('fetch("@PLAIN@/from-service-worker", {mode: "no-cors"})').encode(), media_type="text/javascript"
            ),
        }
    )


async def _slow(_: str, writer: asyncio.StreamWriter) -> None:
    """Whoever waits for this page to load waits until all ways out were tried, workers on a busy machine included."""
    await asyncio.sleep(6)
    writer.write(answer(png(), media_type="image/png"))


SPELLINGS = {
    "dotted": "127.0.0.2",
    "decimal": "2130706434",
    "octal": "0177.0.0.02",
    "octal-whole": "017700000002",
    "hex": "0x7f000002",
    "hex-parts": "0x7f.0x0.0x0.0x2",
    "mixed": "0x7f.0.0.02",
    "short": "127.2",
    "short-three": "127.0.2",
    "dot-at-the-end": "127.0.0.2.",
    "percent": "127%2e0%2e0%2e2",
    "full-width": "&#xff11;&#xff12;&#xff17;.0.0.2",
    "ideographic-stop": "127&#x3002;0&#x3002;0&#x3002;2",
    "mapped": "[::ffff:127.0.0.2]",
    "mapped-hex": "[::ffff:7f00:2]",
    "compatible": "[::127.0.0.2]",
    "nat64": "[64:ff9b::127.0.0.2]",
    "six-to-four": "[2002:7f00:2::1]",
    "with-user": "user:word@127.0.0.2",
    "six": "[::1]",
    "six-long": "[0:0:0:0:0:0:0:1]",
    "first": "127.0.0.1",
    "localhost": "localhost",
    "localhost-dot": "localhost.",
    "localhost-below": "a.localhost",
    "nobody": "0.0.0.0",
    "nobody-short": "0",
    "nobody-six": "[::]",
    "name-by-rule": BAIT_NAME,
    "name-by-dns": INWARD_NAME,
}
"""A host for each way to write an inward address."""


def _spelled(baits: Baits) -> str:
    own = {f"own-{number}": address for number, address in enumerate(baits.own)}
    hosts = SPELLINGS | {name: f"[{address}]" if ":" in address else address for name, address in own.items()}
    return "".join(f'<img src="http://{host}:{baits.http}/spelled-{name}">' for name, host in hosts.items())


EXCHANGE = "application/signed-exchange;v=b3"


def _exchange(certificates: str) -> bytes:
    """A signed exchange (draft-yasskin-http-origin-signed-responses) whose certificate lies at the bait."""
    fallback = b"https://shop.kumoriva.example/"
    signature = (
        f'sig; sig=*AA==*; integrity="digest/mi-sha256-03"; cert-url="{certificates}"; cert-sha256=*'
        f'{"A" * 43}=*; validity-url="https://shop.kumoriva.example/v"; date=1700000000; expires=1700500000'
    ).encode()
    headers = b"\xa2\x47:method\x43GET\x44:url\x41x"
    lengths = len(signature).to_bytes(3, "big") + len(headers).to_bytes(3, "big")
    return b"sxg1-b3\0" + len(fallback).to_bytes(2, "big") + fallback + lengths + signature + headers
