"""Lines that only write about an account, and lines that ask for it."""

from __future__ import annotations

import pytest

from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.speaker.about_lines import is_guide, writes_about


def about(line: str) -> bool:
    words = tokens_of(fold(line))
    return writes_about(words, words.index("paypal"))


@pytest.mark.parametrize(
    "line",
    [
        "How to reset your PayPal password",
        "Connect your PayPal account",
        "Disconnect your PayPal account",
        "Look twice before you log in to PayPal",
        "A fake page asks for your PayPal password",
        "My PayPal account was hacked",
        "So löschen Sie Ihr PayPal-Konto",
        "Comment supprimer son compte PayPal ?",
        "Cómo recuperar tu cuenta de PayPal",
        "If you have entered your PayPal password on such a page, change it",
        "Как удалить аккаунт PayPal",
    ],
)
def test_lines_about_an_account(line: str) -> None:
    assert about(line)


@pytest.mark.parametrize(
    "line",
    [
        "Log in to PayPal",
        "Log in to your PayPal account to review the latest activity",
        "Enter your PayPal password",
        "Your PayPal account is limited until you confirm it",
        "Please confirm your PayPal account within the next two days",
        "Bitte bestätigen Sie Ihr PayPal-Konto innerhalb von zwei Tagen",
        "Veuillez confirmer votre compte PayPal dans les deux jours",
        "We limited what you can do with your PayPal account",
    ],
)
def test_lines_that_ask_for_it(line: str) -> None:
    assert not about(line)


def test_no_words_are_about_nothing() -> None:
    assert not writes_about([], 0)
    assert not is_guide([])
