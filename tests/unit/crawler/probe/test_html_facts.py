"""Front pages read without a browser."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.probe.html_facts import HtmlPage, read_html
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
    ("mark", "comment", "url"),
    [
        ("saved from url", "saved from url=(0026)https://kumoriva.example/login", "https://kumoriva.example/login"),
        ("HTTrack", "Mirrored from kumoriva.example/ by HTTrack Website Copier/3.x", "http://kumoriva.example/"),
        ("SingleFile", "Page saved with SingleFile\n url: https://kumoriva.example/ \n", "https://kumoriva.example/"),
    ],
)
def test_marks_of_copying_tools(mark: str, comment: str, url: str) -> None:
    (origin,) = read(f"<!-- {comment} --><p>x</p>").facts.origins
    assert (origin.mark, origin.url) == (mark, url)


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


FORM = '<title>Kumoriva sign in</title><form action="x.php"><input type="password" name="p"></form>'


@pytest.mark.parametrize(
    "script",
    [
        f"document.write(unescape('{quote(FORM, safe='')}'))",
        f"document.write(decodeURIComponent(atob('{base64.b64encode(FORM.encode()).decode()}')))",
        f'document.write(atob("{base64.b64encode(quote(FORM, safe="").encode()).decode()}"))',
        "var a = '" + "".join(f"\\x{ord(char):02x}" for char in FORM) + "'; document.body.innerHTML = a",
        'var a = "' + "".join(f"\\u{ord(char):04x}" for char in FORM) + '"',
        f"document.write(String.fromCharCode({','.join(str(ord(char)) for char in FORM)}))",
        f"root.innerHTML = {json.dumps(FORM)}",
        f"root.innerHTML = `{FORM}`",
    ],
    ids=["percent", "base64", "both", "hex", "unicode", "codes", "literal", "template"],
)
def test_a_form_that_a_script_writes_is_seen(script: str) -> None:
    page = read(f"<!doctype html><body><script>{script}</script></body>")
    assert page.facts.title == "Kumoriva sign in"
    assert [field.type for field in page.facts.inputs] == ["password"]
    assert not page.hollow


def test_a_page_that_scripts_would_fill_is_hollow() -> None:
    page = read('<!doctype html><title>Kumoriva</title><div id="root"></div><script src="/main.4f2a.js"></script>')
    assert page.hollow
    assert page.facts.title == "Kumoriva"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Grüße".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        (b"<meta charset=windows-1252>Gr\xfc\xdfe", ""),
        (b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "text/html; charset=latin-1"),
        ("Grüße".encode("utf-16"), ""),
        ("Grüße".encode(), "text/html; charset=no-such-charset"),
    ],
)
def test_charsets(body: bytes, content_type: str) -> None:
    assert read_html(body, URL, content_type).facts.text == "Grüße"


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


@pytest.mark.parametrize(
    "base",
    ["https://a.example/start/x.html", "https://a.example", "http://a.example:81/p/?q=/x", "https://a.example/a/b/"],
)
def test_addresses_are_those_that_a_browser_resolves(base: str) -> None:
    """RFC 3986, section 5.2; most addresses take a shorter way than the library's."""
    written = (
        "a.css", "/a.css", "a/b/c.js?v=1", "#top", "?q=1", "..", "../x", "./y", "/", "//cdn.example/x", "a/../b", "http://b.example/x",
        "https://b.example", "a/.hidden", "/a//b", "x y", "a.b/../c", "/..", "/.", "a/./b", ".", "/a/#x", "%20x", "a?b#c/../d",
    )  # fmt: skip
    links = read("".join(f'<a href="{address}">x</a>' for address in written), base).facts.links
    assert links == tuple(dict.fromkeys(urljoin(base, address) for address in written))


def test_a_tag_with_more_attributes_than_any_page_has_hides_nothing_behind_it() -> None:
    crowd = " ".join(f"a{number}=1" for number in range(30_000))
    for tag in (f"<p id=first {crowd}>", f"<p id=first {crowd.replace('=1', '')}/>", f"<p id='<a>' {crowd}>"):
        facts = read_html(f"<title>Sign in</title>{tag}<input type=password name=pass>".encode(), URL).facts
        assert (facts.title, [field.type for field in facts.inputs]) == ("Sign in", ["password"])


def test_long_values_scripts_and_comments_are_no_crowd() -> None:
    image = "data:image/png;base64," + "A" * 30_000
    words = "a <b c d e f g h " * 3_000
    body = f"<img src='{image}' alt=Mark><script>{words}</script><!-- {words} --><p title='{words}'>after"
    facts = read_html(body.encode(), URL).facts
    assert [(shown.alt, shown.src) for shown in facts.images] == [("Mark", image)]
    assert facts.text == "after"
