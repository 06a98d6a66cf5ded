"""The manner in which a text mentions a name."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.signals.mentions.mention_index import MentionIndex
from detector.signals.mentions.mention_manner import MentionManner


@pytest.fixture(scope="module")
def index(shipped_library: BrandLibrary) -> MentionIndex:
    return MentionIndex(shipped_library)


@pytest.mark.parametrize(
    ("text", "brand", "manner"),
    [
        ("Log in to your PayPal account", "paypal", MentionManner.PROMPT),
        ("Sign in to Netflix", "netflix", MentionManner.PROMPT),
        ("Continue with Google", "google", MentionManner.SERVICE),
        ("Mit Facebook anmelden oder anmelden mit Facebook", "facebook", MentionManner.SERVICE),
        ("Share this on LinkedIn", "linkedin", MentionManner.INNOCENT),
        ("Pay with PayPal", "paypal", MentionManner.SERVICE),
        ("See us in Google Maps today", "google", MentionManner.PRODUCT),
        ("first line\nNetflix\nlast line", "netflix", MentionManner.HEADING),
        ("We like Netflix a lot", "netflix", MentionManner.PLAIN),
        ("Вход в ВКонтакте сегодня", "vk", MentionManner.PROMPT),
        ("P\u0430yP\u0430l verification needed", "paypal", MentionManner.PLAIN),
        ("N\u200betflix is here to stay", "netflix", MentionManner.PLAIN),
        ("楽天市場へようこそ", "rakuten", MentionManner.PLAIN),
        ("Your Stack Overflow password", "stackoverflow", MentionManner.PROMPT),
        ("iCloud for everyone", "apple", MentionManner.PLAIN),
    ],
)
def test_manner(index: MentionIndex, text: str, brand: str, manner: MentionManner) -> None:
    found = [(mention.brand, mention.manner) for mention in index.find(text)]
    assert (brand, manner) in found


@pytest.mark.parametrize(
    "text",
    [
        "chase the target along the orange line, signal and zoom",
        "Line up in the hall",
        "Orchard & Line",
        "pineapple and amazonite",
        "TARGET YOUR GOALS AND CHASE YOUR DREAMS",
        "a t\nt",
        "Ea SERVICES and vk",
        "",
        "\x00\x01\ud7ff",
    ],
)
def test_everyday_words_are_no_names(index: MentionIndex, text: str) -> None:
    assert index.find(text) == []
