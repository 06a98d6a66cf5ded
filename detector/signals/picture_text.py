"""Text read in screenshots, for pages that came as a picture alone or that are one large picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from detector.model import InputField, PageFacts
from detector.reading import LARGEST_TYPE, CouldNotRead, TextLine, read_lines, text_regions

MAX_LINES, MAX_LINE_PIXELS = 24, 900_000
"""Most lines and pixels that are read: enough for headings, buttons and labels, for half the time of judging without."""
MAX_TITLE_WORDS, MAX_TITLE_LINES = 8, 3
LETTERING_SHARE = 0.7
LEAST_CHARACTERS = 3
"""Letters and digits from which a line counts: icons are read as one or two letters, and some brands' names are as short."""
LARGER = 1.3
"""Height of large type, in usual heights of a line."""
MAX_LABEL_WORDS = 5
LABEL = re.compile(
    r"""^\W*(enter\ |your\ |(bitte\ )?(ihre?\ )?)?(
    (?P<password>(wi-?fi\ |wlan\W?|current\ |account\ |\w+\ )?
        (password|passcode|passwort|kennwort|contrase\w+|senha|mot\ de\ passe|wachtwoord|пароль|парол))|
    (?P<name>e-?mail(\ address|-adresse)?|(mobile\ |phone|telephone)(\ number)?|user\ ?name|user\ id|login|
        benutzername|usuario|identifiant|apple\ id|
        (e-?mail|user\ ?name|phone|mobile|phone\ number)(\W+|\ or\ |,\ )+
        (e-?mail|user\ ?name|phone|mobile|address|number|or|\W)+)|
    (?P<card>card\ number|cvv|cvc|expiry\ date|kartennummer)
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""A line that is the label of an empty field: what the field asks for, and nothing else."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """Lines of text from the top down, or the reason why none could be read, as a clause."""

    lines: tuple[TextLine, ...]
    problem: str = ""


def read_page(pixels: NDArray[np.uint8] | None, no_picture: str = "") -> PictureText:
    """Read the lines of a screenshot, bounded in number and in time.  Raises nothing."""
    if pixels is None:
        return PictureText((), no_picture)
    height, width = pixels.shape[:2]
    try:
        lines = read_lines(
            pixels, text_regions(pixels, [(0, 0, width, height)], most=MAX_LINES, most_pixels=MAX_LINE_PIXELS)
        )
    except CouldNotRead as problem:
        return PictureText((), f"the picture's text could not be read: {problem}")
    return PictureText(tuple(sorted(lines, key=lambda line: (line.box.y, line.box.x))), "" if lines else NOTHING)


NOTHING = "no text can be read in the picture"


def facts_of(lines: Sequence[TextLine], known: PageFacts) -> PageFacts:
    """Return ``known`` with the lines added to its text, and with a field for each line that is a field's label."""
    lines = without_icons(lines)
    text = "\n".join(line.text for line in lines)
    title = known.title or " | ".join(line.text for line in prominent(lines))
    fields = tuple(field for line in lines if (field := _field(line)) is not None)
    said = f"{known.text}\n{text}" if known.text.strip() else text
    return replace(known, title=title, text=said, inputs=(*known.inputs, *fields))


def without_icons(lines: Sequence[TextLine]) -> list[TextLine]:
    """Drop lines that may be icons read as letters."""
    return [line for line in lines if sum(sign.isalnum() for sign in line.text) >= LEAST_CHARACTERS]


def prominent(lines: Sequence[TextLine]) -> list[TextLine]:
    """Pick the few short lines in the largest type: a visitor takes them for the page's name."""
    if not lines:
        return []
    usual = median(line.box.height for line in lines)
    short = [
        line
        for line in lines
        if len(line.text.split()) <= MAX_TITLE_WORDS and line.box.height <= LARGEST_TYPE and _is_lettering(line.text)
    ]
    large = sorted((line for line in short if line.box.height >= LARGER * usual), key=lambda line: -line.box.height)
    return sorted(large[:MAX_TITLE_LINES], key=lambda line: line.box.y)


def _is_lettering(text: str) -> bool:
    """Tell whether most characters are letters or digits; rows of icons and logos are read as all sorts of characters."""
    signs = [sign for sign in text if not sign.isspace()]
    return sum(sign.isalnum() for sign in signs) >= LETTERING_SHARE * len(signs)


def _field(line: TextLine) -> InputField | None:
    if len(line.text.split()) > MAX_LABEL_WORDS:
        return None
    asks = LABEL.match(line.text)
    if asks is None:
        return None
    kind = "password" if asks.group("password") else "text"
    return InputField(kind, label=line.text, box=line.box)
