"""Attributes that any element may have: background pictures, numbers that a click dials, and marks of challenges."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.probe.html.collected_facts import CollectedFacts, shortened
from crawler.probe.html.document_base import MOST_ADDRESS
from detector.model import ChallengeMark

_MOST_MARKS = 20
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")\s]{1,2000})")
_DIALLED = re.compile(r"(?:tel|callto):[^'\"\s]{3,60}")
_KEYS = ("data-sitekey", "data-site-key", "data-pkey", "data-captcha-id", "data-gt")
_CHALLENGES = re.compile("captcha|turnstile|geetest|arkose|datadome|sec-if-cpt|cf-chl|slide-verify", re.IGNORECASE)


def read_attributes(facts: CollectedFacts, attributes: dict[str, str]) -> None:
    """Add what the attributes of one element say, whatever element it is."""
    style = attributes.get("style")
    if style and "url(" in style:
        for address in _CSS_URL.findall(style[:10_000])[:3]:
            facts.add_image(None, "background", attributes.get("aria-label"), facts.base.absolute(address))
    clicked = attributes.get("onclick")
    if clicked and ("tel:" in clicked or "callto:" in clicked):
        number = _DIALLED.search(clicked)
        facts.add_address("telephones", number[0] if number else "")
    if len(facts.marks) < _MOST_MARKS:
        named = f"{attributes.get('id', '')} {attributes.get('class', '')}"
        key = next((value for name in _KEYS if (value := attributes.get(name))), "") if len(attributes) > 1 else ""
        if key or (len(named) > 1 and _is_challenge(named[:MOST_ADDRESS])):
            facts.marks.append(ChallengeMark(shortened(named), shortened(key)))


@lru_cache(1000)
def _is_challenge(named: str) -> bool:
    """Return True if the id or classes of an element are those of a challenge; cached, since elements of a site share theirs."""
    return _CHALLENGES.search(named) is not None
