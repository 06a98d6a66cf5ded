"""Elements that lead elsewhere or load something."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.link_elements import LINK_READERS

BASE = "https://q7xk2.example/start/"


def read(element: str) -> CollectedFacts:
    facts = CollectedFacts(BASE)
    node = html.fragment_fromstring(element)
    LINK_READERS[str(node.tag)](facts, node)
    return facts


@pytest.mark.parametrize(
    "address",
    [
        "tel:+4930123456",
        "WhatsApp://send?phone=49301",
        "https://wa.me/4930123456",
        "//api.whatsapp.com/send",
        " sms:1234",
    ],
)
def test_an_address_that_calls_somebody_is_a_telephone(address: str) -> None:
    assert list(read(f'<a href="{address}">x</a>').addresses["telephones"]) == [address.strip()]


@pytest.mark.parametrize(
    ("element", "links"),
    [
        ('<a href="x">x</a>', [f"{BASE}x"]),
        ('<area href="/x">', ["https://q7xk2.example/x"]),
        ('<a href=" JavaScript:x()">x</a>', []),
        ("<a>x</a>", []),
    ],
)
def test_links(element: str, links: list[str]) -> None:
    facts = read(element)
    assert list(facts.addresses["links"]) == links
    assert not facts.addresses["telephones"]


def test_a_script_is_a_resource() -> None:
    assert list(read('<script src="//cdn.example/x.js"></script>').addresses["resources"]) == [
        "https://cdn.example/x.js"
    ]


@pytest.mark.parametrize(
    ("element", "frames"), [('<iframe src="a"></iframe>', [f"{BASE}a"]), ('<iframe src="about:blank"></iframe>', [])]
)
def test_a_frame_of_the_web_may_fill_the_page(element: str, frames: list[str]) -> None:
    assert read(element).frames == frames
