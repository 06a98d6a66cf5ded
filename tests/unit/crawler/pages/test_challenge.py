"""Patterns of challenges: vendor, site key, blocking or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.pages.challenge import recognise_challenge
from detector.model import Box, Challenge, ChallengeMark, InputField, NetworkEntry, PageFacts

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "challenges.yml").read_text("utf-8"))


def facts_of(case: dict[str, Any], *, as_resources: bool) -> PageFacts:
    marks = [
        ChallengeMark(name, key, Box(10, 10, 300, 65) if shown else Box(0, 0, 0, 0))
        for name, key, shown in case.get("marks", ())
    ]
    return PageFacts(
        title=case.get("title", ""),
        text=case["text"] * case.get("repeat", 1),
        inputs=tuple(InputField(kind, name) for kind, name in case.get("inputs", ())),
        resources=tuple(case.get("urls", ())) if as_resources else (),
        challenge_marks=tuple(marks),
    )


@pytest.mark.parametrize("as_resources", [True, False], ids=["on the page", "on the network"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], as_resources: bool) -> None:
    network = [] if as_resources else [NetworkEntry(url, "GET", "script") for url in case.get("urls", ())]
    expected = Challenge(*case["expect"]) if "expect" in case else None
    assert recognise_challenge(facts_of(case, as_resources=as_resources), network) == expected


def test_hostile_values_are_bounded_and_clean() -> None:
    mark = ChallengeMark("g-recaptcha", "\0" + "k" * 5000, Box(0, 0, 300, 70))
    challenge = recognise_challenge(PageFacts(challenge_marks=(mark,)), [])
    assert challenge is not None
    assert len(challenge.site_key) <= 200
    assert "\0" not in challenge.site_key
