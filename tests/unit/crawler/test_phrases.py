"""Phrases joined into one pattern find what each finds alone."""

from __future__ import annotations

import re

import pytest

from crawler.phrases import Phrases

PATTERNS = (r"\bfor sale\b", r"^it works$", r"\b(?:a|an) offer\b", r"域名出售", r"\bone|two\b")


TEXTS = (
    "now for sale",
    "it works",
    "not for sales",
    "an offer",
    "an offering",
    "这个域名出售",
    "none",
    "two",
    "one",
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_is_found(text: str) -> None:
    assert bool(Phrases(PATTERNS).search(text)) == any(re.search(pattern, text) for pattern in PATTERNS)
