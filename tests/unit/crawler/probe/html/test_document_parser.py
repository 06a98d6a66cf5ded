"""Documents decoded and parsed within limits."""

from __future__ import annotations

import pytest

from crawler.probe.html.document_parser import decode, parse
from crawler.probe.html.html_facts import read_html

URL = "https://q7xk2.example/start/"


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


def test_the_header_counts_before_the_document() -> None:
    assert decode(b"<meta charset=utf-8>Gr\xfc\xdfe", "text/html; charset=latin-1").endswith("Grüße")


@pytest.mark.parametrize(("depth", "too_deep"), [(100, False), (300, True)])
def test_nesting_that_the_parser_does_not_follow_is_told(depth: int, too_deep: bool) -> None:
    assert parse("<div>" * depth).too_deep is too_deep


def test_a_document_without_an_element_has_no_root() -> None:
    assert parse("").root is None
