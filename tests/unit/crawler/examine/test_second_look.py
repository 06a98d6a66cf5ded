"""When a second look is needed, with which profile, and which pages count as different."""

from __future__ import annotations

import pytest

from crawler.capture.profiles import profile_named
from crawler.examine.cloaking import ShownKind, cloaking_sentence, differ, shown_in
from crawler.examine.second_look import SECOND_VISITORS, SecondLookPolicy, customers_place, second_profiles, strength
from detector.model import Brand, Capture, Decision, InputField, PageFacts, RedirectHop, Verdict
from tests.support.pages.cloaking_site import LIBRARY

URL = "http://glimmer-login.test/"
PLAIN = PageFacts(text="Fresh bread every morning. " * 20)
CLEAR = Verdict(Decision.CLEAR)


def seen(
    outcome: str = "ok", url: str = URL, facts: PageFacts | None = PLAIN, profile: str = "desktop", **more: object
) -> Capture:
    return Capture(url, outcome, facts=facts, profile=profile, final_url=url, **more)  # type: ignore[arg-type]


def reason(capture: Capture, verdict: Verdict = CLEAR, brands: tuple[str, ...] = ()) -> str:
    return SecondLookPolicy(LIBRARY).reason(capture, verdict, brands)


@pytest.mark.parametrize(
    "outcome", ["blank", "parked", "captcha", "http_404", "http_403", "http_503", "download", "redirect_loop"]
)
def test_outcomes_that_may_hide_something(outcome: str) -> None:
    assert outcome in reason(seen(outcome, "http://bread.test/"))


@pytest.mark.parametrize(
    "outcome",
    ["dns_error", "refused", "tls_error", "bad_url", "crashed", "oversize", "failed", "timeout", "blocked_by_guard"],
)
def test_outcomes_that_nobody_else_would_change(outcome: str) -> None:
    assert reason(seen(outcome)) == ""


def test_a_server_that_answered_is_asked_again() -> None:
    assert reason(seen("timeout", status=200))
    assert reason(seen("blocked_by_guard", redirects=(RedirectHop(URL, 302),)))


def test_harmless_views() -> None:
    assert "name is suspicious" in reason(seen())
    assert reason(seen(url="http://bread.test/")) == ""
    assert "name is suspicious" in reason(seen(url="http://bread.test/"), brands=("glimmer",))
    assert "hardly anything" in reason(seen(url="http://bread.test/", facts=PageFacts(text="Soon")))
    assert reason(seen(url="http://bread.test/", facts=PageFacts(text="Soon", inputs=(InputField("text"),)))) == ""
    assert "own site" in reason(seen(), Verdict(Decision.OWNED, "glimmer"))


def test_what_has_shown_itself_or_belongs_to_the_brand_is_left_alone() -> None:
    asking = PageFacts(text="Sign in", inputs=(InputField("password"),))
    assert reason(seen(), Verdict(Decision.FLAGGED, "glimmer")) == ""
    assert reason(seen(facts=asking), Verdict(Decision.REVIEW, "glimmer")) == ""
    assert reason(seen("parked"), Verdict(Decision.REVIEW, "glimmer"))
    assert reason(seen(url="https://www.glimmer.test/", facts=PageFacts(text="Soon")), Verdict(Decision.OWNED)) == ""


def test_second_visitors_are_profiles_from_where_the_customers_are() -> None:
    german = Brand("brot", "Brot", domains=("brot.de",))
    by_phone = Brand("pan", "Pan", domains=("pan.test",), phones=("+34910000000",))
    assert customers_place("http://x.test/", [german]) == "de"
    assert customers_place("http://x.test/", [by_phone]) == "es"
    assert customers_place("http://x.co.uk/", [german]) == "gb"
    assert customers_place("http://x.test/", []) == "us"
    assert second_profiles("http://x.test/", [german], 2) == ("phone-de@search", "desktop-de@mail")
    assert second_profiles("http://x.test/", [], 0) == ()
    for name in second_profiles("http://x.test/", [german], len(SECOND_VISITORS)):
        assert profile_named(name).name == name


def test_the_stronger_view_comes_last() -> None:
    order = [Decision.UNSEEN, Decision.OWNED, Decision.CLEAR, Decision.REVIEW, Decision.FLAGGED]
    keys = [strength(seen(), Verdict(decision, probability=0.5)) for decision in order]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        ("ok", ShownKind.PAGE),
        ("captcha", ShownKind.WALL),
        ("parked", ShownKind.NOTHING),
        ("http_404", ShownKind.NOTHING),
        ("http_429", ShownKind.UNKNOWN),
        ("timeout", ShownKind.UNKNOWN),
    ],
)
def test_kinds(outcome: str, kind: ShownKind) -> None:
    assert shown_in(seen(outcome)) is kind


def test_differences() -> None:
    other = PageFacts(
        text="Tide tables, ferry delays and what the lighthouse keeper said about fog and ropes.", url=URL
    )
    assert differ(seen(), seen(facts=other), lambda stored: None)
    assert differ(seen("http_404", facts=PageFacts(text="Not found")), seen(), lambda stored: None)
    assert not differ(seen("http_404"), seen(), lambda stored: None)  # the same page under an error's status
    assert not differ(seen("timeout", facts=None), seen(), lambda stored: None)
    assert not differ(seen("parked", facts=other), seen("blank", facts=None), lambda stored: None)
    assert not differ(seen(facts=PageFacts()), seen(facts=PageFacts()), lambda stored: None)


def test_a_translation_without_a_skeleton_is_no_difference() -> None:
    english = PageFacts(text="Welcome to our garden shop with tools for every spring and summer", language="en")
    german = PageFacts(text="Willkommen in unserem Gartenladen mit Werkzeug für Frühling und Sommer", language="de")
    asking = PageFacts(text=german.text, language="de", inputs=(InputField("password", "pw"),))
    assert not differ(seen(facts=english), seen(facts=german), lambda stored: None)
    assert differ(seen(facts=english), seen(facts=asking), lambda stored: None)


def test_the_sentence_names_both_views() -> None:
    clone = PageFacts(title="Sign in\n– Glimmer", inputs=(InputField("password"),))
    text = cloaking_sentence(seen("http_404"), seen(facts=clone, profile="phone-de@search"))
    assert (
        text
        == "As desktop it ends as “http_404”; as phone-de@search it shows “Sign in – Glimmer”, which asks for something."
    )
    led = cloaking_sentence(
        Capture(URL, "ok", final_url="https://bread.example/", facts=PLAIN), seen(facts=clone, profile="phone")
    )
    assert "a page without a title on bread.example" in led
