"""Elements that lead elsewhere or load something: links, telephone numbers, scripts and frames."""

from __future__ import annotations

import re

from lxml import etree

from crawler.probe.html.collected_facts import CollectedFacts, ElementReader, shortened

_TELEPHONE = re.compile(
    r"\s*(?:(?:tel|callto|sms|smsto|mms|facetime|facetime-audio|whatsapp|viber|skype):"
    r"|(?:https?:)?//(?:www\.|api\.|web\.)?(?:wa\.me|whatsapp\.com)/)",
    re.IGNORECASE,
)


def read_anchor(facts: CollectedFacts, node: etree._Element) -> None:
    """Add a link, and the telephone number or messenger account that it leads to."""
    href = node.get("href")
    if href is None:
        return
    if _TELEPHONE.match(href):
        facts.add_address("telephones", shortened(href))
    if not href.lstrip()[:11].lower().startswith("javascript:"):
        facts.add_address("links", facts.base.absolute(href))


def read_script(facts: CollectedFacts, node: etree._Element) -> None:
    """Add the address of a script."""
    facts.add_address("resources", facts.base.absolute(node.get("src")))


def read_frame(facts: CollectedFacts, node: etree._Element) -> None:
    """Add the address of a frame."""
    address = facts.base.absolute(node.get("src"))
    facts.add_address("resources", address)
    if address.startswith(("http://", "https://")):
        facts.frames.append(address)


LINK_READERS: dict[str, ElementReader] = {
    "a": read_anchor,
    "area": read_anchor,
    "script": read_script,
    "iframe": read_frame,
    "frame": read_frame,
}
