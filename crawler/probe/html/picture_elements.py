"""Elements that show a picture, and media, which may play sound by themselves."""

from __future__ import annotations

from lxml import etree

from crawler.probe.html.collected_facts import CollectedFacts, ElementReader


def read_img(facts: CollectedFacts, node: etree._Element) -> None:
    """Add a picture, also one that a script loads later."""
    source = node.get("src") or node.get("data-src") or (node.get("srcset") or "").split(" ")[0]
    facts.add_image(node, "img", node.get("alt"), source if source.startswith("data:") else facts.base.absolute(source))


def read_media(facts: CollectedFacts, node: etree._Element) -> None:
    """Count sound that plays by itself; add the picture shown before a video."""
    if node.get("autoplay") is not None and node.get("muted") is None:
        facts.audio += 1
    poster = node.get("poster")
    if poster:
        facts.add_image(node, "img", "", facts.base.absolute(poster))


def read_object(facts: CollectedFacts, node: etree._Element) -> None:
    """Add an embedded object as a picture."""
    facts.add_image(node, "img", "", facts.base.absolute(node.get("data") or node.get("src")))


def read_svg(facts: CollectedFacts, node: etree._Element) -> None:
    """Add a drawing within the document."""
    title = node.find(".//{*}title")
    facts.add_image(node, "svg", node.get("aria-label") or (title.text if title is not None else ""), "")


def read_canvas(facts: CollectedFacts, node: etree._Element) -> None:
    """Add an area that scripts draw on."""
    facts.add_image(node, "canvas", node.get("aria-label"), "")


PICTURE_READERS: dict[str, ElementReader] = {
    "img": read_img,
    "video": read_media,
    "audio": read_media,
    "object": read_object,
    "embed": read_object,
    "svg": read_svg,
    "canvas": read_canvas,
}
