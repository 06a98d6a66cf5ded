"""What a rendered page says of itself.  Coordinates are CSS pixels of the viewport's screenshot, origin at the top left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle ``[x, y, width, height]`` in CSS pixels; may lie partly or wholly outside the picture."""

    x: float
    y: float
    width: float
    height: float


NOWHERE = Box(0, 0, 0, 0)
"""Not shown on the page."""


@dataclass(frozen=True, slots=True)
class ImageBox:
    """Where the page shows a picture: ``img``, ``svg``, ``canvas``, ``input`` or ``background``."""

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
    """Where a form posts: ``action`` is absolute."""

    action: str = ""
    method: str = "get"


SKETCH = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the page's source says that it comes from."""

    mark: str
    """A copying tool's (``saved from url``, ``HTTrack``, ``SingleFile``, ``WebScrapBook``, ``Save Page WE``), or ``canonical``,
    ``og:url`` or ``base``."""
    url: str
    """Absolute, http or https."""


@dataclass(frozen=True, slots=True)
class ChallengeMark:
    """An element that hands a key to a captcha service (``data-sitekey`` and its like), or is named after one."""

    name: str
    """Its id and classes."""
    key: str = ""
    box: Box = NOWHERE


@dataclass(frozen=True, slots=True)
class Pressure:
    """How often the page tried to hold, hurry or frighten its visitor: the marks of a tech-support scam.

    Counted by the init script (``crawler/capture/js/hush.js``) in all frames of the page.
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
    """What the rendered page says of itself; the format of ``NAME.json`` beside a picture, unknown keys ignored."""

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
    """Targets of ``tel:`` links, and of the likes of ``callto:`` and ``sms:``, as they are written."""
    pressure: Pressure = NO_PRESSURE
    challenge_marks: tuple[ChallengeMark, ...] = ()
    origins: tuple[Origin, ...] = ()
    structure: tuple[int, ...] = ()
    """Up to :data:`SKETCH` smallest hashes (32 bits, ascending) of runs of elements: how the document is built."""
    limits_reached: tuple[str, ...] = ()
    """Kinds of things of which the page has more than is read: ``pictures``, ``fields``, ``text`` and others."""
    unseen_text: int = 0
    """Characters of ``text`` that nobody can read: transparent, in tiny type, off the page."""
    view_text: str | None = None
    """Of a page with a long text: what stands on the first screen, in its forms, and in its copyright lines."""

    def reaching(self, limit: str) -> PageFacts:
        """The same facts of a page that reached one more limit."""
        return replace(self, limits_reached=tuple(dict.fromkeys((*self.limits_reached, limit))))
