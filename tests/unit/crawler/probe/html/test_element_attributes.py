"""Attributes that any element may have."""

from __future__ import annotations

import pytest

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.element_attributes import read_attributes
from detector.model import NOWHERE, ChallengeMark

BASE = "https://q7xk2.example/start/"


def read(**attributes: str) -> CollectedFacts:
    facts = CollectedFacts(BASE)
    read_attributes(facts, {name.replace("_", "-"): value for name, value in attributes.items()})
    return facts


def test_backgrounds_are_pictures_without_a_place() -> None:
    facts = read(style="background: url('a.png'), url(/b.png), url(c.png), url(d.png)", aria_label="Mark")
    assert [(image.src, image.alt, image.box) for image in facts.images] == [
        (f"{BASE}a.png", "Mark", NOWHERE),
        ("https://q7xk2.example/b.png", "Mark", NOWHERE),
        (f"{BASE}c.png", "Mark", NOWHERE),
    ]


@pytest.mark.parametrize(
    ("script", "numbers"),
    [("location.href='tel:+4930123456'", ["tel:+4930123456"]), ("dial('+4930123456')", []), ("open('tel:')", [])],
)
def test_numbers_that_a_click_dials(script: str, numbers: list[str]) -> None:
    assert list(read(onclick=script).addresses["telephones"]) == numbers


@pytest.mark.parametrize(
    ("attributes", "marks"),
    [
        ({"class": "g-recaptcha", "data_sitekey": "6Lc"}, [ChallengeMark("g-recaptcha", "6Lc")]),
        ({"id": "cf-chl-widget"}, [ChallengeMark("cf-chl-widget", "")]),
        ({"data_sitekey": "6Lc"}, []),
        ({"id": "login", "class": "form"}, []),
    ],
)
def test_marks_of_challenges(attributes: dict[str, str], marks: list[ChallengeMark]) -> None:
    assert read(**attributes).marks == marks
