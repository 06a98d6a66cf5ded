"""Front pages read without a browser."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.probe.html.html_facts import HtmlPage, read_html
from detector.model import Form

URL = "https://q7xk2.example/start/"


def read(text: str, url: str = URL) -> HtmlPage:
    return read_html(text.encode(), url)


def test_what_a_page_says_of_itself() -> None:
    page = read(
        """<!doctype html><html lang="de-DE"><head><title> Kumoriva
           Mail </title><base href="/app/"><link rel="shortcut icon" href="i.png"><link rel=stylesheet href="a.css">
           <meta property="og:site_name" content="Kumoriva"><script src="//cdn.example/x.js"></script>
           <style>p { content: "never said" }</style></head><body onbeforeunload="return 1"><!-- hidden -->
           <p>Willkommen <b>zurück</b></p><img src="logo.svg" alt="Kumoriva" width="120" height=40>
           <form method="POST" action="next.php"><label for=u>E-Mail</label><input id=u type=email name=user>
           <label>Passwort <input type=password name=pw autocomplete=current-password></label><input type=hidden name=csrf>
           <select name=c></select><textarea name=t></textarea></form>
           <a href="tel:+4930123456">anrufen</a><a href="javascript:x()">nichts</a><a href="https://kumoriva.example/agb">AGB</a>
           <noscript>Bitte JavaScript</noscript></body></html>"""
    )
    facts = page.facts
    assert facts.title == "Kumoriva Mail"
    assert facts.language == "de-DE"
    assert facts.text.splitlines()[0] == "Willkommen zurück"
    assert facts.text.endswith("Kumoriva"), "what the head says of the site is said"
    assert "never said" not in facts.text
    assert "hidden" not in facts.text
    assert facts.icons == ("https://q7xk2.example/app/i.png",)
    assert facts.resources == ("https://q7xk2.example/app/a.css", "https://cdn.example/x.js")
    assert facts.forms == (Form("https://q7xk2.example/app/next.php", "post"),)
    assert [(field.type, field.name, field.label) for field in facts.inputs] == [
        ("email", "user", "E-Mail"),
        ("password", "pw", "Passwort"),
        ("select-one", "c", ""),
        ("textarea", "t", ""),
    ]
    (image,) = facts.images
    assert (image.alt, image.src, image.box[2:]) == ("Kumoriva", "https://q7xk2.example/app/logo.svg", (120, 40))
    assert facts.telephones == ("tel:+4930123456",)
    assert facts.links == ("tel:+4930123456", "https://kumoriva.example/agb")
    assert facts.pressure.unloads == 1
    assert {origin.mark for origin in facts.origins} == {"base"}
    assert (page.onward, page.hollow) == ("", False)


@pytest.mark.parametrize(
    ("document", "onward"),
    [
        ('<meta http-equiv="refresh" content="0; url=/login">', "https://q7xk2.example/login"),
        ("<meta http-equiv=Refresh content=\"2;URL='https://b.example/'\">", "https://b.example/"),
        ('<meta http-equiv="refresh" content="300">', ""),
        ('<meta http-equiv="refresh" content="900; url=/later">', ""),
        ("<script>window.location.href = 'go/on.html';</script>", "https://q7xk2.example/start/go/on.html"),
        (
            '<script>setTimeout(function () { location.replace("https://b.example/x") }, 10)</script>',
            "https://b.example/x",
        ),
        ('<script>if (location.href == "https://q7xk2.example/") { console.log("nothing happens here") }</script>', ""),
        ("<input name=a><script>window.location.href = 'go/on.html';</script>", ""),
        ('<iframe src="https://b.example/all"></iframe>', "https://b.example/all"),
        ('<p>A page with words of its own.</p><iframe src="https://b.example/all"></iframe>', ""),
        ("<script>location.href='https://q7xk2.example/start/'; // itself, once more</script>", ""),
    ],
)
def test_where_a_page_leads_by_itself(document: str, onward: str) -> None:
    assert read(document).onward == onward


def test_a_page_that_scripts_would_fill_is_hollow() -> None:
    page = read('<!doctype html><title>Kumoriva</title><div id="root"></div><script src="/main.4f2a.js"></script>')
    assert page.hollow
    assert page.facts.title == "Kumoriva"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 5000,
        b"\xff\xfe",
        b"<div>" * 100_000,
        b"<a href='" + b"x" * 900_000 + b"'>",
        b"<p " + b"a=1 " * 100_000 + b">",
        b"<link " * 100_000,
        b"<svg " * 200_000,
        b"<!--" * 200_000,
        b"<script>" + b'"' * 300_000 + b"</script>",
        b"<script>" + b"'\\" * 200_000 + b"</script>",
        b"<script>`" + b"\\`" * 200_000 + b"</script>",
        b"<script>" + b"%" * 400_000 + b"</script>",
        b"<script>" + b"atob('" * 60_000 + b"</script>",
        b"<script>" + b"fromCharCode(1" + b",1" * 150_000 + b"</script>",
        b"<meta http-equiv=refresh content='0;url=http://[::1'>",
        b"<base href='http://[broken'><a href=x>x</a><img src='//['>",
        b"<form><form><input><table><tr><input type=password><select><option><textarea>",
        b"<title>\xed\xa0\x80\xed\xb0\x80</title>\xf4\x90\x80\x80",
    ],
)
def test_hostile_documents_have_an_answer(body: bytes) -> None:
    page = read_html(body, URL)
    json.dumps([page.facts.title, page.facts.text, page.facts.links]).encode()
    assert len(page.facts.text) <= 60_000


SOUP = """<html> <head> <body> <title> </title> <p> </p> <form|action=x> <input|type=password> <script> </script> <style> <svg>
</svg>
<meta|http-equiv=refresh|content='1;url=b'> <iframe|src=x> <base|href=//b.example> <a|href=tel:1> <!-- --> \\x3c %3C ' " ` <"""
PIECES = st.sampled_from([piece.replace("|", " ") for piece in SOUP.split()])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=40))
def test_any_soup_of_tags_has_an_answer(pieces: list[str]) -> None:
    page = read_html("".join(pieces).encode("utf-8", "surrogatepass"), URL)
    assert page.facts.url == URL
