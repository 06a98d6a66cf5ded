"""The texts of a document's labels, in one pass over them however they nest."""

from __future__ import annotations

from lxml import etree

MOST_TEXT = 500
"""Characters of a label that are kept."""


class LabelTexts:
    """Texts of the ``label`` elements of one document, read when the first is asked for."""

    def __init__(self, root: etree._Element | None = None) -> None:
        self._root = root
        self._texts: dict[etree._Element, str] | None = None

    def of(self, label: etree._Element) -> str:
        """The text of a label, its spaces collapsed; at most :data:`MOST_TEXT` characters."""
        if self._texts is None:
            self._texts = {} if self._root is None else _read(self._root)
        return self._texts.get(label, "")


def _read(root: etree._Element) -> dict[etree._Element, str]:
    found: dict[etree._Element, str] = {}
    for label in root.iter("label"):
        if label not in found:  # a label within another was read with it: none of its elements is visited twice
            _read_one(label, found)
    return found


def _read_one(outermost: etree._Element, found: dict[etree._Element, str]) -> None:
    """Add the texts of a label and of all labels within it."""
    words: list[str] = []
    begins: list[int] = []
    for event, node in etree.iterwalk(outermost, events=("start", "end")):
        if node.tag == "label" and event == "start":
            begins.append(len(words))
        elif node.tag == "label":
            found[node] = _text(words, begins.pop())
        text = node.text if event == "start" else node.tail
        if text:
            words.append(text)


def _text(words: list[str], place: int) -> str:
    """Join the words from ``place`` on, up to the length of a label's text that is kept."""
    said: list[str] = []
    room = MOST_TEXT
    while place < len(words) and room >= 0:
        said.append(words[place])
        room -= len(words[place])
        place += 1
    return " ".join("".join(said).split())
