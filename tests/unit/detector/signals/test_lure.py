"""Forms and requests for data on a page."""

from __future__ import annotations

import pytest

from detector.model import Form, InputField, PageFacts
from detector.signals.lure import HARMLESS, TEXT_ONLY, strongest_lure


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


@pytest.mark.parametrize(
    ("text", "alone", "read"),
    [
        ("Acme\nPassword\nNext", 0.63, 0.9),
        ("Card number\nExpiry date\nPay", 0.63, 0.9),
        ("E-mail address\nSign in", 0.49, 0.7),
        ("We wrote about the password of a famous actor and how it was found on a sticky note", 0.0, 0.0),
        ("A text without forms", 0.0, 0.0),
    ],
)
def test_words_count_only_where_asked_and_where_no_field_is(text: str, alone: float, read: float) -> None:
    facts = PageFacts(text=text)
    assert strongest_lure(facts)[0] == 0.0
    assert strongest_lure(facts, words=TEXT_ONLY)[0] == pytest.approx(alone)
    assert strongest_lure(facts, words=1.0)[0] == pytest.approx(read)
    searching = PageFacts(text=text, inputs=(InputField("text", "q", "Search the site"),))
    assert strongest_lure(searching, words=TEXT_ONLY)[0] < 0.3


@pytest.mark.parametrize(
    ("facts", "measure", "said"),
    [
        (
            PageFacts(
                text="The morning letter", inputs=(InputField("email", "e"),), forms=(Form("/newsletter", "post"),)
            ),
            HARMLESS,
            "newsletter",
        ),
        # the name of a form's address excuses no page that is made to sign in
        (
            PageFacts(text="Sign in", inputs=(InputField("email", "e"),), forms=(Form("/newsletter.php", "post"),)),
            0.7,
            "as the first step of a sign-in does",
        ),
        (
            PageFacts(
                text="x",
                inputs=(InputField("email", "e"),),
                forms=(Form("/newsletter", "post"), Form("/next.php", "post")),
            ),
            0.3,
            "an address or a name",
        ),
        (
            PageFacts(text="You save", inputs=(InputField("text", "sum"),), forms=(Form("/calc", "get"),)),
            HARMLESS,
            "nothing personal",
        ),
        (
            PageFacts(text="You save", inputs=(InputField("text", "f1"),), forms=(Form("/calc", "post"),)),
            0.15,
            "A form has text fields.",
        ),
        (
            PageFacts(text="x", inputs=(InputField("password", "p"),), forms=(Form("/newsletter", "get"),)),
            1.0,
            "a password",
        ),
    ],
)
def test_what_a_form_says_of_itself(facts: PageFacts, measure: float, said: str) -> None:
    found, sentence, _ = strongest_lure(facts)
    assert found == measure, sentence
    assert said in sentence
