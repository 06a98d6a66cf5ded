"""Elements that say what a document is as a whole."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.head_elements import HEAD_READERS, REFRESH_SECONDS
from detector.model import Origin

BASE = "https://q7xk2.example/start/"


def read(document: str) -> CollectedFacts:
    facts = CollectedFacts(BASE)
    for node in html.document_fromstring(document).iter(*HEAD_READERS):
        HEAD_READERS[str(node.tag)](facts, node)
    return facts


def test_the_first_title_counts() -> None:
    assert read("<title> </title><title> Kumoriva\n Mail </title><title>Other</title>").title == "Kumoriva Mail"


def test_names_and_descriptions_of_the_site() -> None:
    facts = read(
        '<meta name="Description" content=" Free \n mail "><meta property="og:site_name" content="Kumoriva">'
        '<meta name="keywords" content="mail">'
    )
    assert facts.said == ["Free mail", "Kumoriva"]


def test_addresses_of_origin() -> None:
    facts = read(
        '<html data-scrapbook-source="https://a.example/"><head><base href="https://b.example/">'
        '<link rel="canonical" href="https://c.example/"><meta name="savepage-url" content="https://d.example/">'
        '<meta property="og:url" content="https://e.example/"></head>'
    )
    assert facts.origins == [
        Origin("WebScrapBook", "https://a.example/"),
        Origin("base", "https://b.example/"),
        Origin("canonical", "https://c.example/"),
        Origin("Save Page WE", "https://d.example/"),
        Origin("og:url", "https://e.example/"),
    ]


def test_style_sheets_and_icons() -> None:
    facts = read('<link rel="shortcut icon" href="i.png"><link rel=stylesheet href="/a.css"><link rel=preload href=x>')
    assert list(facts.addresses["icons"]) == [f"{BASE}i.png"]
    assert list(facts.addresses["resources"]) == ["https://q7xk2.example/a.css"]


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("0; url=/login", "https://q7xk2.example/login"),
        (f"{REFRESH_SECONDS};b", f"{BASE}b"),
        (f"{REFRESH_SECONDS + 1};b", ""),
        ("5", ""),
    ],
)
def test_a_refresh_that_comes_soon_leads_on(content: str, address: str) -> None:
    assert read(f'<meta http-equiv="Refresh" content="{content}">').refresh == address


def test_a_body_that_holds_visitors_back() -> None:
    assert read('<body onbeforeunload="return 1">').unloads == 1
