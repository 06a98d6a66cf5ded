"""Names in text: found all at once, the longest first."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.signals.mentions.mention_index import MentionIndex


@pytest.fixture(scope="module")
def index(shipped_library: BrandLibrary) -> MentionIndex:
    return MentionIndex(shipped_library)


def test_longest_name_wins(index: MentionIndex) -> None:
    (mention,) = index.find("the American Express card")
    assert mention.brand == "americanexpress"
    assert mention.end - mention.start == len("American Express")


def test_text_is_bounded(index: MentionIndex) -> None:
    ballast = "x " * 1_000_000
    assert index.find(f"{ballast} Netflix {ballast * 3}") == [], "a quarter of the way through a text is not read"
    for text in (f"Netflix {ballast}", f"{ballast} Netflix {ballast}", f"{ballast} Netflix"):
        (mention,) = index.find(text)
        assert text[mention.start : mention.end] == "Netflix"
