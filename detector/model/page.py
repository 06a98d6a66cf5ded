"""Page facts: what the rendered document contains.

Coordinates are CSS pixels of the viewport's screenshot, origin at the top left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle ``[x, y, width, height]`` in CSS pixels; may be partly or wholly outside the picture."""

    x: float
    y: float
    width: float
    height: float


NOWHERE = Box(0, 0, 0, 0)
"""The box of what is not shown on the page."""


@dataclass(frozen=True, slots=True)
class ImageBox:
    """A place where the page shows a picture: ``img``, ``svg``, ``canvas``, ``input`` or ``background``."""

    tag: str
    box: Box
    alt: str = ""
    src: str = ""


@dataclass(frozen=True, slots=True)
class InputField:
    """A form control that a visitor can see or fill in."""

    type: str
    name: str = ""
    placeholder: str = ""
    box: Box = NOWHERE
    autocomplete: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form; its target ``action`` is an absolute address."""

    action: str = ""
    method: str = "get"


SKETCH = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """An address that the page's source gives as its own, or as that of its original."""

    mark: str
    """The mark of a tool that copies pages (``saved from url``, ``HTTrack``, ``SingleFile``, ``WebScrapBook``, ``Save Page WE``),
    or ``canonical``, ``og:url`` or ``base``."""
    url: str
    """Absolute, http or https."""


@dataclass(frozen=True, slots=True)
class ChallengeMark:
    """An element that gives a key to a captcha service (``data-sitekey`` and similar), or is named after one."""

    name: str
    """Its id and classes."""
    key: str = ""
    box: Box = NOWHERE


@dataclass(frozen=True, slots=True)
class Pressure:
    """Counts of a page's attempts to keep, hurry or frighten its visitor: the marks of a tech-support scam.

    Counted by the init script (``crawler/capture/js/page_pressure.js``) in all frames of the page.
    """

    dialogs: int = 0
    """``alert``, ``confirm``, ``prompt``."""
    history: int = 0
    """``pushState``, ``replaceState``, ``go``, ``back``, ``forward``."""
    fullscreen: int = 0
    keyboard_lock: int = 0
    pointer_lock: int = 0
    audio: int = 0
    """Sound that starts without a click."""
    clipboard: int = 0
    popups: int = 0
    prints: int = 0
    notifications: int = 0
    unloads: int = 0
    """``beforeunload`` handlers, which can ask the visitor to stay."""
    vibrations: int = 0


NO_PRESSURE = Pressure()


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Facts of a rendered page; the format of ``NAME.json`` beside a picture, where unknown keys are ignored."""

    title: str = ""
    text: str = ""
    """Visible text, bounded."""
    images: tuple[ImageBox, ...] = ()
    inputs: tuple[InputField, ...] = ()
    forms: tuple[Form, ...] = ()
    links: tuple[str, ...] = ()
    """Absolute targets of ``a[href]``."""
    icons: tuple[str, ...] = ()
    """Absolute addresses of favicons."""
    resources: tuple[str, ...] = ()
    """Absolute addresses of scripts, styles, fonts and frames."""
    url: str = ""
    """The page's own address; empty when unknown."""
    language: str = ""
    telephones: tuple[str, ...] = ()
    """Targets of links such as ``tel:``, ``callto:`` and ``sms:``, as they are written."""
    pressure: Pressure = NO_PRESSURE
    challenge_marks: tuple[ChallengeMark, ...] = ()
    origins: tuple[Origin, ...] = ()
    structure: tuple[int, ...] = ()
    """Up to :data:`SKETCH` smallest hashes (32 bits, ascending) of runs of elements: the structure of the document."""
    limits_reached: tuple[str, ...] = ()
    """Kinds of things of which the page has more than is read: ``pictures``, ``fields``, ``text`` and others."""
    unseen_text: int = 0
    """Characters of ``text`` that nobody can read: transparent, in tiny type, off the page."""
    view_text: str | None = None
    """Of a page with a long text: what stands on the first screen, in its forms, and in its copyright lines."""
    frames: tuple[FrameFacts, ...] = ()
    """Visible frames whose documents are from elsewhere; frames from the page's own origin are part of the facts above."""

    def reaching(self, limit: str) -> PageFacts:
        """The same facts of a page that reached one more limit."""
        return replace(self, limits_reached=tuple(dict.fromkeys((*self.limits_reached, limit))))


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """The document in a frame that is from elsewhere, as a visitor sees it within the page around it."""

    url: str
    """The address of the frame's document."""
    box: Box
    """The frame's place in the page around it."""
    facts: PageFacts
    """Its boxes count from the frame's own corner."""
