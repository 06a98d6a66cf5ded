"""Phrases joined into one pattern find what each finds alone."""

from __future__ import annotations

import re

import pytest

from crawler.pages.phrases import PhrasePattern

PATTERNS = (
    r"\bfor sale\b", r"^it works$", r"\b(?:a|an) offer\b", r"域名出售", r"\bone|two\b",
    r"(?:此|该)域名", r"(?:此|this) name", r"此?name of", r"(?:此)?domain of", r"关联|related",
)  # fmt: skip


TEXTS = (
    "now for sale",
    "it works",
    "not for sales",
    "an offer",
    "an offering",
    "这个域名出售",
    "none",
    "该域名",
    "this name",
    "name of",
    "domain of",
    "related",
    "关联",
    "关联 and more",
    "two",
    "one",
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_is_found(text: str) -> None:
    assert bool(PhrasePattern(PATTERNS).search(text)) == any(re.search(pattern, text) for pattern in PATTERNS)
