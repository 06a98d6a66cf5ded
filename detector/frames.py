"""Read a page together with the frames that a visitor sees as part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from detector.limits import FIRST_SCREEN
from detector.model import Box, ChallengeMark, FrameFacts, ImageBox, InputField, PageFacts

LEAST_SHARE = 0.08
"""Share of the first screen from which a frame without fields is part of the page: smaller ones are advertisements and buttons."""
_DEPTH = 5
_Placed = TypeVar("_Placed", ImageBox, InputField, ChallengeMark)


def with_frames(facts: PageFacts, passed_over: Callable[[str], bool] = lambda _: False) -> PageFacts:
    """Return the facts of a page with the text, forms, links and pictures of its visible frames.

    Args:
        passed_over: tells by its address which frame is left out, as one that its maker serves to others (a payment button).
    """
    return _joined(facts, passed_over, 0) if facts.frames else facts


def _joined(facts: PageFacts, passed_over: Callable[[str], bool], depth: int) -> PageFacts:
    chosen = [frame for frame in facts.frames if _counts(frame) and not passed_over(frame.url)]
    inner = [
        (frame.box, _joined(frame.facts, passed_over, depth + 1) if depth < _DEPTH else frame.facts) for frame in chosen
    ]
    parts = [part for _, part in inner]
    if not parts:
        return replace(facts, frames=())
    shown = facts.view_text is not None or any(part.view_text is not None for part in parts)
    return replace(
        facts,
        text=_lines(facts.text, *(part.text for part in parts)),
        images=(*facts.images, *_placed((box, part.images) for box, part in inner)),
        inputs=(*facts.inputs, *_placed((box, part.inputs) for box, part in inner)),
        forms=(*facts.forms, *chain.from_iterable(part.forms for part in parts)),
        links=tuple(dict.fromkeys((*facts.links, *chain.from_iterable(part.links for part in parts)))),
        resources=tuple(dict.fromkeys((*facts.resources, *chain.from_iterable(part.resources for part in parts)))),
        telephones=tuple(dict.fromkeys((*facts.telephones, *chain.from_iterable(part.telephones for part in parts)))),
        challenge_marks=(*facts.challenge_marks, *_placed((box, part.challenge_marks) for box, part in inner)),
        limits_reached=tuple(
            dict.fromkeys((*facts.limits_reached, *chain.from_iterable(p.limits_reached for p in parts)))
        ),
        unseen_text=facts.unseen_text + sum(part.unseen_text for part in parts),
        view_text=_lines(*(part.text if part.view_text is None else part.view_text for part in (facts, *parts)))
        if shown
        else None,
        frames=(),
    )


def _counts(frame: FrameFacts) -> bool:
    """Tell whether a visitor takes a frame for a part of the page: it is large, or asks for something."""
    width, height = FIRST_SCREEN
    area = max(0.0, frame.box.width) * max(0.0, frame.box.height)
    return area >= LEAST_SHARE * width * height or bool(frame.facts.inputs) or bool(frame.facts.frames)


def _placed(things: Iterator[tuple[Box, tuple[_Placed, ...]]]) -> Iterator[_Placed]:
    """Yield the things of frames at their places in the page around them."""
    for corner, listed in things:
        for thing in listed:
            x, y, width, height = thing.box
            yield replace(thing, box=Box(x + corner.x, y + corner.y, width, height))


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))
