"""Limits that a page reached when it was read: whether they can hide something, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from detector.model import Box, PageFacts

T = TypeVar("T")
HARMLESS = frozenset(
    ("pictures further down", "buttons", "empty forms", "links", "icons", "resources", "telephones", "comments")
)
"""Limits of things that a clone can do without, or that stand further down: a long list of links is no reason for doubt."""
MOST_NAMED = 8
FIRST_SCREEN = (1280, 800)


def hiding(facts: PageFacts | None) -> tuple[str, ...]:
    """The limits reached behind which a clone may hide what it needs: its words, pictures or fields."""
    return tuple(name for name in facts.limits_reached if name not in HARMLESS) if facts else ()


def limits_sentence(facts: PageFacts | None) -> str:
    """Return the sentence of a verdict about the limits that a page reached; empty where it reached none."""
    if facts is None or not facts.limits_reached:
        return ""
    named = [name[:40] for name in facts.limits_reached[:MOST_NAMED]]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    limits = "limit" if len(named) == 1 else "limits"
    return f"The page reached the {limits} of {listed}: not everything on it was read."


def first_screen(facts: PageFacts, size: tuple[int, int] | None = None) -> PageFacts:
    """The same page as a visitor sees it first: words and pictures of the first screen; its fields and forms stay.

    ``size``: width and height of its picture in pixels.
    """
    screen = Box(0, 0, *(size or FIRST_SCREEN))
    images = tuple(image for image in facts.images if _meets(image.box, screen))
    inputs = (
        tuple(field for field in facts.inputs if _meets(field.box, screen)) if "fields" in facts.limits_reached else ()
    )
    text = facts.text if facts.view_text is None else facts.view_text
    return replace(facts, text=text, images=images, inputs=inputs or facts.inputs, unseen_text=0)


def readable_share(facts: PageFacts) -> float:
    """Return the share of the page's text that a person can read, 0 to 1."""
    return 1.0 - min(1.0, max(0, facts.unseen_text) / max(1, len(facts.text)))


def spread(things: Sequence[T], most: int) -> Sequence[T]:
    """At most so many things: of more as many from the beginning, the middle and the end."""
    return (
        [thing for start, end in windows(things, most) for thing in things[start:end]] if len(things) > most else things
    )


def excerpt(text: str, most: int) -> str:
    """At most so many characters of a text: of a longer one the beginning, the middle and the end, on lines of their own."""
    return "\n".join(text[start:end] for start, end in windows(text, most))


def windows(things: Sequence[object], most: int) -> tuple[tuple[int, int], ...]:
    """Return start and end of the parts that are taken of too many items, in order, none overlapping."""
    size = len(things)
    if size <= most:
        return ((0, size),)
    part = most // 3
    first = most - 2 * part
    middle = max(first, (size - part) // 2)
    return ((0, first), (middle, middle + part), (size - part, size))


def _meets(box: Box, screen: Box) -> bool:
    return (
        box.x < screen.x + screen.width
        and box.y < screen.y + screen.height
        and box.x + box.width > screen.x
        and box.y + box.height > screen.y
    )
