"""Elements that show a picture or play media."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.picture_elements import PICTURE_READERS

BASE = "https://q7xk2.example/start/"


def read(element: str) -> CollectedFacts:
    facts = CollectedFacts(BASE)
    node = html.fragment_fromstring(element)
    PICTURE_READERS[str(node.tag)](facts, node)
    return facts


@pytest.mark.parametrize(
    ("element", "tag", "alt", "src"),
    [
        ('<img src="a.png" alt=Mark>', "img", "Mark", f"{BASE}a.png"),
        ('<img data-src="a.png">', "img", "", f"{BASE}a.png"),
        ('<img srcset="a.png 2x, b.png">', "img", "", f"{BASE}a.png"),
        ('<img src="data:image/png;base64,AA">', "img", "", "data:image/png;base64,AA"),
        ('<video poster="a.png"></video>', "img", "", f"{BASE}a.png"),
        ('<object data="a.svg"></object>', "img", "", f"{BASE}a.svg"),
        ('<embed src="a.svg">', "img", "", f"{BASE}a.svg"),
        ("<svg><g><title>Mark</title></g></svg>", "svg", "Mark", ""),
        ('<svg aria-label="Sign"><title>Mark</title></svg>', "svg", "Sign", ""),
        ("<canvas></canvas>", "canvas", "", ""),
    ],
)
def test_pictures(element: str, tag: str, alt: str, src: str) -> None:
    assert [(image.tag, image.alt, image.src) for image in read(element).images] == [(tag, alt, src)]


@pytest.mark.parametrize(
    ("element", "count"),
    [("<audio autoplay></audio>", 1), ("<video autoplay muted></video>", 0), ("<video controls></video>", 0)],
)
def test_sound_that_plays_by_itself(element: str, count: int) -> None:
    facts = read(element)
    assert (facts.audio, facts.images) == (count, [])
