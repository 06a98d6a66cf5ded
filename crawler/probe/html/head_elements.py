"""Elements that say what a document is as a whole: its title, its site, its icons, its base, and the page after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from crawler.probe.html.collected_facts import MOST_TEXT, CollectedFacts, ElementReader, shortened

REFRESH_SECONDS = 10
"""Longest wait after which a refresh counts as the page's own way on."""
_SAID = {
    "name": ("description", "application-name", "apple-mobile-web-app-title", "twitter:title", "twitter:description"),
    "property": ("og:title", "og:site_name", "og:description"),
}
_MOST_SAID = 10
_ICONS = frozenset({"icon", "apple-touch-icon", "apple-touch-icon-precomposed"})
_REFRESH = re.compile(r"\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"\s]{1,2000})", re.IGNORECASE)


def read_title(facts: CollectedFacts, node: etree._Element) -> None:
    """Keep the first title that is not empty."""
    facts.title = facts.title or shortened(" ".join("".join(_texts(node)).split()))


def read_html_element(facts: CollectedFacts, node: etree._Element) -> None:
    """Add the address that WebScrapBook notes in the root element of a copy."""
    facts.add_origin("WebScrapBook", node.get("data-scrapbook-source"))


def read_meta(facts: CollectedFacts, node: etree._Element) -> None:
    """Add names and descriptions of the site, addresses of origin, and a refresh that leads on."""
    content = node.get("content") or ""
    for kind, names in _SAID.items():
        if (node.get(kind) or "").lower() in names and len(facts.said) < _MOST_SAID:
            facts.said.append(" ".join(content[:MOST_TEXT].split()))
    if (node.get("name") or "").lower() == "savepage-url":
        facts.add_origin("Save Page WE", content)
    if (node.get("property") or "").lower() == "og:url":
        facts.add_origin("og:url", content)
    if (node.get("http-equiv") or "").lower() == "refresh" and not facts.refresh:
        found = _REFRESH.match(content)
        if found and int(found[1]) <= REFRESH_SECONDS:
            facts.refresh = facts.base.absolute(found[2])


def read_link_element(facts: CollectedFacts, node: etree._Element) -> None:
    """Add style sheets, icons and the canonical address."""
    relations = (node.get("rel") or "").lower().split()
    address = facts.base.absolute(node.get("href"))
    if "stylesheet" in relations:
        facts.add_address("resources", address)
    if not _ICONS.isdisjoint(relations):
        facts.add_address("icons", address)
    if "canonical" in relations:
        facts.add_origin("canonical", address)


def read_base(facts: CollectedFacts, node: etree._Element) -> None:
    """Add the document's base as an address of origin: copies keep it."""
    facts.add_origin("base", node.get("href"))


def read_body(facts: CollectedFacts, node: etree._Element) -> None:
    """Count a handler that holds visitors back when they leave."""
    facts.unloads += node.get("onbeforeunload") is not None


def _texts(node: etree._Element) -> Iterator[str]:
    size = 0
    for text in node.itertext():
        yield str(text)
        size += len(text)
        if size > MOST_TEXT:
            return


HEAD_READERS: dict[str, ElementReader] = {
    "title": read_title,
    "html": read_html_element,
    "meta": read_meta,
    "link": read_link_element,
    "base": read_base,
    "body": read_body,
}
