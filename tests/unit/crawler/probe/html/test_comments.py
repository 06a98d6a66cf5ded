"""Comments in which copying tools say where a page is from."""

from __future__ import annotations

import pytest

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.comments import read_comments
from detector.model import Origin


def origins(document: str) -> list[Origin]:
    facts = CollectedFacts("https://q7xk2.example/start/")
    read_comments(facts, document)
    return facts.origins


@pytest.mark.parametrize(
    ("mark", "comment", "url"),
    [
        ("saved from url", "saved from url=(0026)https://kumoriva.example/login", "https://kumoriva.example/login"),
        ("HTTrack", "Mirrored from kumoriva.example/ by HTTrack Website Copier/3.x", "http://kumoriva.example/"),
        ("SingleFile", "Page saved with SingleFile\n url: https://kumoriva.example/ \n", "https://kumoriva.example/"),
    ],
)
def test_marks_of_copying_tools(mark: str, comment: str, url: str) -> None:
    assert origins(f"<!-- {comment} --><p>x</p>") == [Origin(mark, url)]


def test_what_stands_outside_of_comments_says_nothing() -> None:
    assert origins("<p>saved from url=(0026)https://kumoriva.example/login</p><!---->") == []


def test_a_comment_that_never_ends_is_read() -> None:
    assert origins("<p>x</p><!-- saved from url=(0026)https://kumoriva.example/") == [
        Origin("saved from url", "https://kumoriva.example/")
    ]
