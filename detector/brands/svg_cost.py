"""Estimate the cost of drawing an SVG from its text: a hundred bytes can ask for more than any machine has.

Nested masks are drawn twice at each level, a filter may add up any number of octaves, and endlessly nested elements overflow the
stack of the renderer.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from dataclasses import dataclass, field
from xml.parsers import expat

from PIL import Image

MAX_DEPTH = 60
MAX_ELEMENTS = 20_000
MAX_COST = 100_000
"""Most elements to draw, each counted as often as it is referenced."""
FILTER_COST = 500
"""Elements that take as long as one pass of a filter over the picture: the cost of a filter."""
PLAIN_FILTERS = frozenset(
    [
        "feBlend",
        "feColorMatrix",
        "feComponentTransfer",
        "feComposite",
        "feDropShadow",
        "feFlood",
        "feFuncA",
        "feFuncB",
        "feFuncG",
        "feFuncR",
        "feGaussianBlur",
        "feMerge",
        "feMergeNode",
        "feOffset",
        "feTile",
    ]
)
MAX_EMBEDDED = 4_000_000
STYLED = re.compile(r"(?:mask|filter|marker(?:-\w+)?)\s*:\s*url", re.IGNORECASE)
"""A reference in the text of a style sheet; these are not followed."""
REFERENCE = re.compile(r"url\(\s*[\"']?\s*#([^\"')\s]+)")


@dataclass(slots=True)
class _Element:
    cost: int
    references: list[str] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


class _TooExpensive(Exception):
    """The SVG is too expensive; the message says what it contains."""


def svg_cost_problem(text: str) -> str | None:
    """Describe what makes an SVG too expensive to draw; None for one that is not, and for text that is not XML."""
    elements: list[_Element] = []
    ids: dict[str, int] = {}
    path: list[int] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rsplit(":", 1)[-1]
        if len(path) >= MAX_DEPTH:
            raise _TooExpensive(f"elements nested more than {MAX_DEPTH} deep")
        if len(elements) >= MAX_ELEMENTS:
            raise _TooExpensive(f"more than {MAX_ELEMENTS} elements")
        if name.startswith("fe") and name not in PLAIN_FILTERS:
            raise _TooExpensive(f"the filter <{name}>")
        element = _Element(FILTER_COST if name.startswith("fe") else 1)
        for key, value in attributes.items():
            if key.rsplit(":", 1)[-1] == "href":
                if value.startswith("#"):
                    element.references.append(value[1:])
                elif _pixels(value) > MAX_EMBEDDED:
                    raise _TooExpensive(f"a picture of more than {MAX_EMBEDDED} pixels")
            element.references += REFERENCE.findall(value)
        if path:
            elements[path[-1]].children.append(len(elements))
        if "id" in attributes:
            ids[attributes["id"]] = len(elements)
        path.append(len(elements))
        elements.append(element)

    def words(data: str) -> None:
        if STYLED.search(data):
            raise _TooExpensive("a style sheet that names masks or filters")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: path.pop()
    parser.CharacterDataHandler = words
    try:
        parser.Parse(text, True)
        if elements and _total(elements, ids) > MAX_COST:
            raise _TooExpensive(f"references that multiply to more than {MAX_COST} elements")
    except _TooExpensive as problem:
        return str(problem)
    except (expat.ExpatError, ValueError):
        # the renderer will say what is wrong
        return None
    return None


def _pixels(address: str) -> int:
    """Count the pixels of an embedded picture from its header; 0 where it is not a picture, which the renderer will report."""
    head, _, data = address.partition(",")
    if not head.startswith("data:image/"):
        return 0
    try:
        with (
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(base64.b64decode(data))) as picture,
        ):
            return picture.width * picture.height
    except Image.DecompressionBombError:
        return 10 * MAX_EMBEDDED
    except (OSError, ValueError, SyntaxError):
        return 0


def _total(elements: list[_Element], ids: dict[str, int]) -> int:
    """Cost of the root; an element that refers to itself counts once."""
    known: dict[int, int] = {}
    open_: set[int] = set()
    todo = [(0, False)]
    while todo:
        number, finished = todo.pop()
        element = elements[number]
        below = [*element.children, *(ids[name] for name in element.references if name in ids)]
        if finished:
            open_.discard(number)
            known[number] = min(element.cost + sum(known.get(other, 0) for other in below), 10 * MAX_COST)
        elif number not in known and number not in open_:
            open_.add(number)
            todo.append((number, True))
            todo += [(other, False) for other in below if other not in known and other not in open_]
    return known[0]
