"""Pages of ordinary sites, with redirects, errors and downloads as captures meet them."""

from __future__ import annotations

import asyncio

from tests.support.pages.sites import answer, page, png

COPIED_PAGE = b"""<!DOCTYPE html>
<!-- saved from url=(0029)https://www.kumoriva.test/in/ -->
<html data-scrapbook-source="https://www.kumoriva.test/book"><!--
 Page saved with SingleFile
 url: https://www.kumoriva.test/single
 saved date: Mon Nov 02 2026
--><head><title>Copied</title><link rel="canonical" href="https://www.kumoriva.test/canonical">
<meta property="og:url" content="/relative"><meta name="savepage-url" content="https://www.kumoriva.test/savepage">
<base href="https://www.kumoriva.test/base/"></head><body><p>A page</p>
<!-- Mirrored from www.kumoriva.test/signin.html by HTTrack Website Copier/3.x [XR&CO'2014], Mon, 02 Nov 2026 10:00:00 GMT -->
<!-- saved from url=(0012)javascript:x --><form name="createTreeWalker"><input name="URL"></form></body></html>"""
FACTS_PAGE = page(
    """
<h1>Sign in to Kumoriva</h1><p style="display:none">invisible words</p>
<img src="/logo.png" alt="Kumoriva" width="120" height="40" style="position:absolute;left:30px;top:100px">
<svg aria-label="mark" style="position:absolute;left:200px;top:100px" width="50" height="60"><svg width="9" height="9"/></svg>
<canvas style="position:absolute;left:300px;top:100px" width="30" height="20"></canvas>
<div style="position:absolute;left:400px;top:100px;width:70px;height:35px;background-image:url('/tile.png')"></div>
<img src="/logo.png" style="visibility:hidden"><img src="/logo.png" width="0" height="0">
<form action="/steal?x=1" method="POST" style="position:absolute;top:200px">
 <label for="mail">E-mail address</label><input id="mail" name="mail" type="email" placeholder="you@mail"
  autocomplete="username" style="position:absolute;left:20px;top:50px;width:200px;height:30px;box-sizing:border-box">
 <input type="password" name="secret"><input type="hidden" name="token" value="1"><textarea name="t"></textarea>
 <input type="image" src="/logo.png" alt="Go" style="position:absolute;left:20px;top:150px" width="60" height="25">
</form>
<div id="host"></div><a href="/help">Help</a><a href="tel:+15550100">Call</a><a href="javascript:void(0)">No</a>
<iframe srcdoc="<p>inside the frame</p><input name=framed>" style="position:absolute;left:600px;top:300px;border:0"></iframe>
<script>document.getElementById("host").attachShadow({mode: "open"}).innerHTML = "<b>shadow words</b><input name=shady>"</script>
<script src="/script.js"></script>
""",
    title="Sign in \u2013 Kumoriva",
    head='<link rel="shortcut icon" href="/logo.png"><link rel="stylesheet" href="/style.css">',
)


async def hang(_: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def moved(to: str) -> bytes:
    return answer(b"", status="302 Found", Location=to)


def built(*words: str) -> str:
    """A page of many parts, in the words of any language."""
    first, second, third = words
    parts = [
        f"<header><nav><ul><li><a>{third}</a><li><b>{first}</b></ul></nav></header>",
        f"<form><h1>{first}</h1><div><label>{second}<input name=a></label></div><div><input type=password></div></form>",
        f"<table><tr><td>{third}<td><i>{second}</i><tr><td><em>{first}</em></table>",
        f"<aside><details><summary>{third}</summary><p><span>{first}</span></details><figure><img></figure></aside>",
        f"<footer><dl><dt>{first}<dd>{second}</dl><p><small>{third}</small><p><strong>{first}</strong></footer>",
    ]
    return "<main>" + "".join(f"<section><article>{part}</article></section>" for part in parts) + "</main>"


def routes() -> dict[str, object]:
    return {
        "/facts": answer(FACTS_PAGE),
        "/copied": answer(COPIED_PAGE),
        "/built": answer(page(built("Sign in", "Your name", "Help"))),
        "/built-abroad": answer(page("<div>Achtung!</div>" + built("Anmelden", "Ihr Name", "Hilfe"))),
        "/built-otherwise": answer(
            page("<main>" + "<section><p>text<ul><li>one<li>two</ul></section>" * 12 + "</main>")
        ),
        "/logo.png": answer(png("green", (120, 40)), media_type="image/png"),
        "/tile.png": answer(png("blue"), media_type="image/png"),
        "/style.css": answer(b"body { font-family: sans-serif }", media_type="text/css"),
        "/script.js": answer(b"document.documentElement.lang = 'en-GB'", media_type="text/javascript"),
        "/simple": answer(page("<h1>simple</h1>")),
        "/first": moved("/second"),
        "/second": moved("/scripted"),
        "/scripted": answer(page("<script>location.href = '/meta'</script>")),
        "/meta": answer(page("<p>one moment", head='<meta http-equiv="refresh" content="1; url=/simple">')),
        "/round": moved("/round"),
        "/dance": answer(page("<script>location.href = '/dance?' + Math.random()</script>")),
        "/404": answer(page("<h1>gone</h1>"), status="404 Not Found"),
        "/401": answer(
            page("<h1>locked</h1>"), status="401 Unauthorized", WWW_Authenticate='Basic realm="Call +1 555 0100"'
        ),
        "/503": answer(b"", status="503 Service Unavailable"),
        "/204": answer(b"", status="204 No Content"),
        "/blank": answer(page("")),
        "/white": answer(page("<p style='color:white'>white on white is text</p>")),
        "/zip": answer(b"PK" * 40, media_type="application/zip", Content_Disposition="attachment; filename=a.zip"),
        "/tall": answer(page("<h1>tall</h1><div style='height:3000px'></div><p>the end</p>")),
        "/anchored": answer(page("<div style='height:3000px'></div><p id=low>low</p>")),
        "/phone": answer(
            page(
                "<script>document.write(innerWidth + ' ' + devicePixelRatio + ' ' + navigator.userAgent)</script>",
                head="<meta name=viewport content='width=device-width'>",
            )
        ),
        "/frames": answer(page("<p>outer</p>" + "<iframe src='/simple'></iframe>" * 2)),
        "/file": moved("file:///etc/passwd"),
        "/hang": hang,
        "/robot": answer(
            page(
                "<script>document.write([navigator.webdriver, navigator.platform, navigator.userAgentData?.platform,"
                " JSON.stringify(navigator.userAgentData?.brands), navigator.userAgent].join('|'))</script>"
            )
        ),
        "/nul": answer(page("<script>document.title='a\\0b\\ud800c';document.write('x\\ud800y')</script>")),
    }
