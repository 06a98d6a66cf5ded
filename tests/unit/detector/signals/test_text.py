"""Mentions of brands in a page's text, settled by who speaks on the page."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.words import WordsSignal

OWN = "\n© 2026 Kettle Works"


def manners(library: BrandLibrary, text: str, title: str = "Kettle Works") -> list[tuple[str, MentionManner]]:
    facts = PageFacts(title=title, text=text, url="https://x.example/")
    view = CaptureView(Capture(facts.url, Outcome.OK, final_url=facts.url, facts=facts), lambda: None)
    return [(mention.brand, mention.manner) for mention in WordsSignal(library).body_mentions(view)]


@pytest.mark.parametrize(
    "line",
    [
        "Use your Facebook account to get full access",
        "Pay with your Facebook account",
        "Sign in using your Facebook account",
        "Melden Sie sich mit Ihrem Facebook-Konto an",
        "Connectez-vous avec votre compte Facebook",
        "Inicia sesión con tu cuenta de Facebook",
    ],
)
def test_a_key_of_another_service_is_a_service(shipped_library: BrandLibrary, line: str) -> None:
    assert manners(shipped_library, line + OWN) == [("facebook", MentionManner.SERVICE)]
    # without a name of its own the page may be the service's: its logo counts in full
    assert manners(shipped_library, line, title="Sign in") == [("facebook", MentionManner.HELPER)]


def test_a_key_is_asked_for_where_the_page_says_that_it_is_the_service(shipped_library: BrandLibrary) -> None:
    found = manners(shipped_library, "Facebook\nUse your Facebook account", title="Sign in")
    assert found[-1] == ("facebook", MentionManner.PROMPT)
    found = manners(shipped_library, "Use your Facebook account", title="Facebook - Sign in")
    assert found[-1] == ("facebook", MentionManner.PROMPT)


@pytest.mark.parametrize("line", ["Connect your PayPal account", "How to reset your PayPal password"])
def test_settings_and_guides_of_others_ask_for_nothing(shipped_library: BrandLibrary, line: str) -> None:
    assert manners(shipped_library, line + OWN) == [("paypal", MentionManner.PLAIN)]
    assert manners(shipped_library, line, title="Sign in") == [("paypal", MentionManner.PROMPT)]


@pytest.mark.parametrize(
    "line",
    [
        "The code is on the front of your PayPal card",
        "In the top corner of your PayPal page",
        "Which is up to your PayPal limit",
    ],
)
def test_halves_of_verbs_ask_for_nothing(shipped_library: BrandLibrary, line: str) -> None:
    assert MentionManner.PROMPT not in [manner for _, manner in manners(shipped_library, line, title="Pay")]


def test_many_brands_in_one_line_are_a_list(shipped_library: BrandLibrary) -> None:
    line = "We accept the club's own Mastercard, the club's own Visa, and the old American Express cards"
    assert {manner for _, manner in manners(shipped_library, line, title="Pay")} == {MentionManner.INNOCENT}


def test_an_everyday_word_with_an_accent_is_no_lookalike(shipped_library: BrandLibrary) -> None:
    assert manners(shipped_library, "Geschichten über uns", title="Autohaus") == []
    assert manners(shipped_library, "Sign in to P\u00e0ypal", title="Log in") == [("paypal", MentionManner.PROMPT)]


def test_who_pays_at_a_shop_is_asked_for_nothing(shipped_library: BrandLibrary) -> None:
    line = "Log in to your PayPal account to pay, or pay by card"
    assert manners(shipped_library, line, title="Checkout") == [("paypal", MentionManner.SERVICE)]
    assert manners(shipped_library, line, title="PayPal") == [("paypal", MentionManner.PROMPT)]


def test_long_lines_of_names_take_no_time(shipped_library: BrandLibrary) -> None:
    text = "log in to your PayPal account " * 2000
    assert len(manners(shipped_library, text, title="Kettle")) == 2000
