"""Addresses that are related to a flagged page."""

from __future__ import annotations

from crawler.discovery.neighbours import NEAR, SHORT, leads_of
from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary
from detector.model import Brand, Form, PageFacts, RedirectHop
from tests.support.store.builders import capture, flagged

TRIAGE = Triage(BrandLibrary([Brand(id="paypal", name="PayPal", domains=("paypal.com",))]))
PAGE = "https://random.example.net/login"


def test_steps_before_it_targets_of_forms_and_telling_links() -> None:
    facts = PageFacts(
        forms=(Form("https://collect.example.org/post.php", "post"), Form("https://random.example.net/next"), Form("")),
        links=(
            "https://www.paypal.com/",
            "https://wikipedia.example/",
            "https://paypal-login.example/a",
            "https://www.paypal-login.example/b",
            "javascript:void(0)",
            "https://random.example.net/help",
        ),
    )
    hops = (RedirectHop("https://short.example.info/x", 302), RedirectHop("http://random.example.net/", 301))
    seen = capture("https://short.example.info/x", final_url=PAGE, redirects=hops, facts=facts)
    leads = list(leads_of(seen, flagged(), TRIAGE))
    assert [(lead.url, lead.brands) for lead in leads] == [
        ("https://short.example.info/x", ("paypal",)),
        ("https://collect.example.org/post.php", ("paypal",)),
        ("https://paypal-login.example/a", ()),
    ]
    assert [lead.priority for lead in leads][:2] == [NEAR, NEAR]
    assert leads[1].reason == "A form on random.example.net, which was flagged as paypal, sends to it."


def test_what_another_visitor_was_led_through_counts_too() -> None:
    other = capture(PAGE, redirects=(RedirectHop("https://gate.example.org/", 302),))
    leads = list(leads_of(capture(PAGE, others=(other,)), flagged(), TRIAGE))
    assert [lead.url for lead in leads] == ["https://gate.example.org/"]


def test_a_page_without_facts_leads_nowhere() -> None:
    assert list(leads_of(capture(PAGE), flagged(), TRIAGE)) == []
    assert list(leads_of(capture("x", final_url=""), flagged(), TRIAGE)) == []


def test_shorteners_on_a_flagged_page_are_followed() -> None:
    facts = PageFacts(
        links=("https://bit.ly/3xYz", "https://bit.ly/other", "https://bit.ly/3xYz", "https://blog.example/")
    )
    leads = list(leads_of(capture(PAGE, facts=facts), flagged(), TRIAGE))
    assert [(lead.url, lead.priority) for lead in leads] == [
        ("https://bit.ly/3xYz", SHORT),
        ("https://bit.ly/other", SHORT),
    ]


def test_neighbours_on_the_certificate() -> None:
    names = ("random.example.net", "*.example.net", "www.other.example.org", "other.example.org", "third.example.info")
    leads = list(leads_of(capture(PAGE), flagged(), TRIAGE, names))
    assert [lead.url for lead in leads] == ["https://other.example.org/", "https://third.example.info/"]
    assert leads[0].reason == "It shares a certificate with random.example.net, which was flagged as paypal."
    network = [f"site{number}.example{number}.org" for number in range(40)]
    assert list(leads_of(capture(PAGE), flagged(), TRIAGE, network)) == [], "a content network's says nothing"
