"""The longer name that a page gives as its own, and the places that agree on it."""

from __future__ import annotations

import pytest

from detector.model import Capture, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.mentions.shared_words import shared_words
from detector.signals.namesake.longer_name import LongerName, host_is_a_lure, longer_name

APPLE = shared_words()[("apple",)]


def view(title: str, text: str, url: str) -> CaptureView:
    return CaptureView(
        Capture(url, Outcome.OK, final_url=url, facts=PageFacts(title=title, text=text, url=url)), lambda: None
    )


def find(title: str, text: str = "", url: str = "https://site.example/") -> LongerName | None:
    return longer_name(view(title, text, url), APPLE, frozenset())


def test_two_places_agree_on_the_words_of_a_name() -> None:
    found = find("Log in | Apple Valley Dental", "Welcome\n© 2026 Apple Valley Dental Practice LLC")
    assert found is not None
    assert found.words == {"valley", "dental"}
    assert found.places == ("its title", "its copyright line")
    assert not found.on_host
    assert not found.business


@pytest.mark.parametrize(
    "url",
    [
        "https://applevalley.example/",
        "https://my.apple-valley-dental.co.uk/",
        "https://valleydental.example/",
        "https://avd.example/",
        "https://xn--pplevalley-t5a.example/",
    ],
)
def test_a_host_name_agrees(url: str) -> None:
    found = find("Apple Valley Dental", url=url)
    assert found is not None
    assert found.places[-1] == "its host name"


@pytest.mark.parametrize("url", ["https://apple.example/", "https://dental.example.net/", "https://192.0.2.8/", ""])
def test_a_host_name_that_does_not_agree(url: str) -> None:
    assert find("Apple Valley Dental", url=url) is None


def test_different_names_do_not_agree() -> None:
    assert find("Apple Valley", "© 2026 Apple Creek") is None


def test_a_sentence_gives_no_name_but_what_stands_beside_the_word() -> None:
    text = "We met the dentist who used to work for the famous company called Apple in a small valley last year"
    assert find("The dentist of our valley tells us how Apple became what it is in all these years", text) is None


@pytest.mark.parametrize(
    ("url", "lure"),
    [
        ("https://apple-id-verify.example/", True),
        ("https://apple.support.example/", True),
        ("https://appleaccount.example/", True),
        ("https://applevalley.example/", False),
        ("https://www.apple.example/", False),
    ],
)
def test_host_names_that_lure(url: str, lure: bool) -> None:
    assert host_is_a_lure(view("Apple", "", url), APPLE) is lure
