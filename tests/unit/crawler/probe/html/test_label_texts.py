"""Texts of labels, however they nest."""

from __future__ import annotations

from lxml import html

from crawler.probe.html.html_facts import read_html
from crawler.probe.html.label_texts import MOST_TEXT, LabelTexts

URL = "https://q7xk2.example/"


def test_the_text_of_a_label_is_that_of_all_that_is_inside() -> None:
    page = read_html(
        b"<label for=a>One <label for=b>Two <b>bold<!-- not this --></b></label> end</label><input id=a><input id=b>"
        b"<label>Around <input name=c> and behind</label>",
        URL,
    )
    assert [field.label for field in page.facts.inputs] == ["One Two bold end", "Two bold", "Around and behind"]


def test_a_long_label_is_cut() -> None:
    root = html.fromstring(f"<form><label>{'<i>word </i>' * 1000}</label></form>")
    (label,) = root.iter("label")
    assert MOST_TEXT <= len(LabelTexts(root).of(label)) < MOST_TEXT + len("word ")


def test_a_label_of_another_document_has_no_text() -> None:
    assert LabelTexts().of(html.fromstring("<label>Password</label>")) == ""
