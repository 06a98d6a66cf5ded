"""Front pages whose HTML was made to hold or to blind whoever reads them."""

from __future__ import annotations

import time

import pytest

from crawler.probe.html.html_facts import DEEPEST, MOST_NODES, MOST_TEXT, read_html
from crawler.probe.picture_sheet import tiled_pictures
from tests.support.pages.judges import NESTED_LABELS

URL = "https://q7xk2.example/"
MANY = 300_000
SIZE = 2_000_000
"""Bytes of each page: what is read of one."""
FORM = b"<form><label>Password <input type=password></label></form>"
MULTIPLE = 8
"""Times the work of a plain page of the same size: three at most now; what grew with the square took 10 to 140 times as much."""


def filled(piece: bytes, before: bytes = b"") -> bytes:
    return (before + FORM + piece * (SIZE // len(piece)))[:SIZE]


PLAIN = filled(b"<p>hello world</p>")
POISON = {
    "labels": NESTED_LABELS,
    "labels around fields": b"<label>" * 240 + b"<input>" * 200 + b"<i></i>" * MANY,
    "labels of one name": filled(b"<label for=a>x<b></b></label>"),
    "labels in labels": filled(b"<label for=a>" * 100 + b"</label>" * 100),
    "comments": filled(b"<!---->"),
    "comments before the document": b"<!--x-->" * (MANY // 2) + b"<html>" + FORM,
    "comments of copying tools": filled(b"<!--saved from url=(20)http://a.example/-->"),
    "open comments": filled(b"<!--"),
    "processing instructions": filled(b"<?a>x"),
    "CDATA": filled(b"<![CDATA[x]]>"),
    "forms": filled(b"<form>"),
    "tables": filled(b"<table><tr><td>"),
    "rows": filled(b"<tr><td>", b"<table>"),
    "formatting": filled(b"<a href=x><b><font>"),
    "formatting in blocks": filled(b"<a href=x><b><font><p>"),
    "divs": filled(b"<div>"),
    "attributes": b"<div " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">" + FORM,
    "a long attribute": filled(b"x", b"<div title='"),
    "a long address": filled(b"../", b"<a href='"),
    "unclosed tags": filled(b"<p><li><td>"),
    "end tags": filled(b"</span>", b"<div>" * 200),
    "brackets": filled(b"<"),
    "entities": filled(b"&amp;"),
    "entities that are none": filled(b"&abcdefgh"),
    "options": filled(b"<option>x", b"<select>"),
    "selects": filled(b"<select>"),
    "foreign objects": filled(b"<svg><foreignObject>"),
    "drawings": filled(b"<svg><title>x</title></svg>"),
    "scripts": filled(b"<script>var x=1;var y=22;</script>"),
    "frames": filled(b"<iframe src=/a></iframe>"),
    "icons": filled(b"<link rel=icon href=/a.png>"),
    "bases and refreshes": filled(b"<base href=/a><meta http-equiv=refresh content='0;url=b'>"),
    "shadow roots in shadow roots": filled(b"<div><template shadowrootmode=open>"),
    "buttons in buttons": filled(b"<button type=submit>x"),
    "lists in lists": filled(b"<ul><li>"),
    "sources of pictures": filled(b"a.png 1w, ", b"<img srcset='"),
    "lists of data": filled(b"[" * 200, b"<script type='application/ld+json'>"),
    "styles": filled(b"<p style='background:url(/a);display:none'>"),
    "telephone links": filled(b"<a href='tel:+18885550142'>1-888-555-0142</a>"),
    "numbers": filled(b"1-888-555-0142 "),
    "letters that are none": filled("\u034f\u0301a".encode()),
    "bytes that are no text": filled(b"\xff\xfe\x00\x80"),
}


@pytest.fixture(scope="module")
def plain() -> float:
    """Seconds of CPU time that a plain page of that size takes, the shortest of three."""
    return min(seconds_of(PLAIN) for _ in range(3))


def seconds_of(body: bytes) -> float:
    began = time.process_time()
    read_html(body, URL)
    return time.process_time() - began


@pytest.mark.parametrize("kind", POISON)
def test_no_page_takes_much_more_work_than_a_plain_one_of_its_size(kind: str, plain: float) -> None:
    assert seconds_of(POISON[kind]) < MULTIPLE * plain


def test_tiles_that_are_never_closed_are_not_looked_for_again_and_again(plain: float) -> None:
    began = time.process_time()
    assert tiled_pictures(b"<img " * (SIZE // 5) + b">") == []
    assert time.process_time() - began < MULTIPLE * plain


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (FORM + b"<i></i>" * MOST_NODES, f"first {MOST_NODES} elements"),
        (b"<div>" * 300 + FORM, f"more than {DEEPEST} deep"),
        (b"<i=>" * 300 + b"<div>" * 300 + FORM, f"more than {DEEPEST} deep"),
        (FORM + b"word " * MOST_TEXT, f"first {MOST_TEXT} characters of its text"),
        (FORM + b"<!--" + b"x" * SIZE + b"-->", "first 2000000 bytes"),
    ],
)
def test_a_page_that_was_not_read_to_its_end_says_so(body: bytes, said: str) -> None:
    assert said in read_html(body, URL).cut


def test_an_ordinary_page_was_read_to_its_end() -> None:
    assert read_html(b"<div>" * 100 + FORM + b"<p>word " * 1000, URL).cut == ""
