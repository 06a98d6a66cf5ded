"""What a page asks for."""

from __future__ import annotations

import pytest

from detector.model import InputField, PageFacts
from detector.signals.lure import strongest_lure


@pytest.mark.parametrize(
    ("facts", "low", "high"),
    [
        (PageFacts(inputs=(InputField("password", "x"),)), 1.0, 1.0),
        (PageFacts(inputs=(InputField("text", "passwd"),)), 1.0, 1.0),
        (PageFacts(inputs=(InputField("text", "cc-number"),)), 1.0, 1.0),
        (PageFacts(inputs=(InputField("tel", "otp", "One-time code"),)), 0.8, 0.8),
        (PageFacts(text="Sign in", inputs=(InputField("email", "user"),)), 0.7, 0.7),
        (PageFacts(text="Enter your secret recovery phrase", inputs=(InputField("text", "w1"),)), 1.0, 1.0),
        (PageFacts(text="Contact us", inputs=(InputField("email", "e"), InputField("textarea", "message"))), 0.0, 0.2),
        (PageFacts(text="A text", inputs=(InputField("search", "q"),)), 0.0, 0.0),
        (PageFacts(text="A text without forms"), 0.0, 0.0),
        (PageFacts(inputs=(InputField("hidden", "password_hash"),)), 0.0, 0.0),
    ],
)
def test_measure(facts: PageFacts, low: float, high: float) -> None:
    measure, sentence, _ = strongest_lure(facts)
    assert low <= measure <= high, sentence
    assert sentence or measure == 0.0
