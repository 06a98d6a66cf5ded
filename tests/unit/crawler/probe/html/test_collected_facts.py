"""Facts that are collected up to a limit of each kind."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.probe.html.collected_facts import (
    MOST_ADDRESSES,
    MOST_IMAGES,
    MOST_ORIGINS,
    MOST_TEXT,
    USUAL_SIDE,
    CollectedFacts,
    shortened,
)
from detector.model import Origin


@pytest.mark.parametrize("kind", MOST_ADDRESSES)
def test_addresses_are_kept_once_and_what_is_left_out_is_told(kind: str) -> None:
    facts = CollectedFacts("https://q7xk2.example/")
    for number in range(MOST_ADDRESSES[kind]):
        facts.add_address(kind, f"https://a.example/{number}")
    facts.add_address(kind, "https://a.example/0")
    facts.add_address(kind, "")
    assert not facts.reached
    facts.add_address(kind, "https://a.example/more")
    assert (len(facts.addresses[kind]), list(facts.reached)) == (MOST_ADDRESSES[kind], [kind])


def test_pictures_over_the_limit_are_told() -> None:
    facts = CollectedFacts("https://q7xk2.example/")
    for _ in range(MOST_IMAGES + 1):
        facts.add_image(None, "background", None, "")
    assert (len(facts.images), list(facts.reached)) == (MOST_IMAGES, ["pictures"])


def test_a_picture_without_a_size_is_taken_to_have_the_usual_one() -> None:
    facts = CollectedFacts("https://q7xk2.example/")
    facts.add_image(html.fragment_fromstring('<img width="120px" height=auto>'), "img", None, "")
    assert facts.images[0].box[2:] == (120.0, USUAL_SIDE)


def test_origins_are_addresses_of_the_web() -> None:
    facts = CollectedFacts("https://q7xk2.example/start/")
    for address in (None, "", "mailto:a@b.example", "//b.example/x"):
        facts.add_origin("base", address)
    assert facts.origins == [Origin("base", "https://b.example/x")]
    for _ in range(MOST_ORIGINS):
        facts.add_origin("base", "https://c.example/")
    assert len(facts.origins) == MOST_ORIGINS


@pytest.mark.parametrize(("text", "expected"), [(None, ""), ("", ""), (" a ", "a"), ("x" * 600, "x" * MOST_TEXT)])
def test_texts_of_attributes_are_cut(text: str | None, expected: str) -> None:
    assert shortened(text) == expected
