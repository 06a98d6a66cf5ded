"""A front page's HTML as the page facts that the signals read, without a browser.

What a browser would tell of where things stand is not known: boxes lie nowhere.  What it would hide is taken as said: kits show
their forms by script.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from crawler.probe.html.collected_facts import CollectedFacts, ElementReader, shortened
from crawler.probe.html.comments import read_comments
from crawler.probe.html.document_parser import MOST_BYTES, decode, parse
from crawler.probe.html.element_attributes import read_attributes
from crawler.probe.html.form_elements import FORM_READERS, read_labels
from crawler.probe.html.head_elements import HEAD_READERS
from crawler.probe.html.inline_scripts import jump_address, written
from crawler.probe.html.link_elements import LINK_READERS
from crawler.probe.html.picture_elements import PICTURE_READERS
from crawler.probe.html.structure_sketch import UNSEEN, is_first_row, lacks_body, sketch
from detector.model import PageFacts, Pressure

MOST_TEXT = 60_000
MOST_NODES = 20_000
DEEPEST = 250
"""Elements within each other from which the parser may have left out what is inside: libxml2 ends at 256."""
_SHORTEST_SCRIPT = 15
_LITTLE_TEXT = 400
"""Characters below which a page without a field is taken to do what its script says: lead on."""
_FEW_WORDS = 5
_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title", "svg", "math"})
_INLINE = frozenset(
    (
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "img", "input", "kbd", "label", "mark", "s",
        "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
    )
)  # fmt: skip
_READERS: dict[str, ElementReader] = {**HEAD_READERS, **LINK_READERS, **FORM_READERS, **PICTURE_READERS}


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """Facts read from the HTML of one answer."""

    facts: PageFacts
    onward: str = ""
    """Absolute URL to which the page forwards its visitor: by a refresh, by a script, or by a frame that fills it."""
    hollow: bool = False
    """It shows nothing by itself: scripts would have to fill it."""
    cut: str = ""
    """The bound that ended the reading, as a clause; empty where the whole document was read."""


def _read_element(facts: CollectedFacts, node: etree._Element, name: str) -> None:
    reader = _READERS.get(name)
    if reader is not None:
        reader(facts, node)
    attributes = node.items()
    if attributes:
        read_attributes(facts, dict(attributes))


def read_html(body: bytes, url: str, content_type: str = "", *, cut: bool = False) -> HtmlPage:
    """Read a document; whatever the bytes are, there is an answer.

    ``content_type``: the answer's header, whose charset counts before the document's own (HTML, section 13.2.3.2); ``cut``: the
    document has more than ``body``.
    """
    reader = _DocumentReader(CollectedFacts(url))
    if cut or len(body) > MOST_BYTES:
        reader.facts.reached.setdefault("bytes")
    if len(body) > MOST_BYTES:
        reader.cut = f"only the first {MOST_BYTES} bytes of its HTML were read"
    root = reader.read(decode(body, content_type))
    if root is None:
        return reader.page([])
    scripts = [str(node.text) for node in root.iter("script") if node.text and len(node.text) > _SHORTEST_SCRIPT]
    for piece in written(scripts):
        reader.read(piece)
    return reader.page(scripts)


@dataclass
class _DocumentReader:
    """Goes through a document, and then through what its scripts write, with one set of facts and limits."""

    facts: CollectedFacts
    cut: str = ""
    nodes: int = 0
    texts: list[str] = field(default_factory=list)
    room: int = MOST_TEXT
    tags: list[tuple[str, int]] = field(default_factory=list)
    """Name and depth of each element that could be seen."""

    def read(self, text: str) -> etree._Element | None:
        """Read a document in its order; return its root, None where it has no element."""
        facts = self.facts
        read_comments(facts, text)
        root, too_deep = parse(text)
        if too_deep:
            facts.reached.setdefault("nesting")
        if root is None:
            return None
        if not facts.language:
            facts.language = shortened(root.get("lang"))
        base = root.find(".//base[@href]")
        if base is not None and (address := facts.base.absolute(base.get("href"))):
            facts.base.change_to(address)
        read_labels(facts, root)
        self._walk(root)
        return root

    def _walk(self, root: etree._Element) -> None:
        # one loop with few calls of its own: most of a cheap look's time goes by here, and a page has hundreds of elements
        facts, texts, tags = self.facts, self.texts, self.tags
        depth = silent = drawn = 0  # the last two: how many elements around hide their text, and how many are ``svg``
        for event, node in etree.iterwalk(root, events=("start", "end")):
            name = node.tag
            if event == "start":
                if self.nodes >= MOST_NODES:
                    facts.reached.setdefault("elements")
                    self.cut = self.cut or f"only its first {MOST_NODES} elements were read"
                    return
                if depth >= DEEPEST and not self.cut:
                    self.cut = f"its elements nest more than {DEEPEST} deep, and not all that is inside was read"
                self.nodes += 1
                if name == "tr" and lacks_body(node):
                    depth += 1
                    if not silent and is_first_row(node):
                        tags.append(("tbody", depth))
                depth += 1
                if not silent and name not in UNSEEN:
                    tags.append((name, depth))
                if not drawn:
                    _read_element(facts, node, name)
                ends_line = name not in _INLINE and not silent
                drawn += name == "svg"
                silent += name in _SILENT
                text = node.text
            else:
                depth -= 1 + (name == "tr" and lacks_body(node))
                silent -= name in _SILENT
                drawn -= name == "svg"
                ends_line = name not in _INLINE and not silent
                text = node.tail
            if ends_line and texts and texts[-1] != "\n":
                texts.append("\n")
            if text and not silent and self.room > 0:
                texts.append(text[: self.room].replace("\n", " "))
                self.room -= len(text)

    def page(self, scripts: list[str]) -> HtmlPage:
        """Return what was read so far; ``scripts``: those of the document, which may lead on."""
        found = self.facts
        lines = (" ".join(line.split()) for line in "".join(self.texts).split("\n"))
        text = "\n".join(line for line in lines if line)
        if self.room <= 0:
            found.reached.setdefault("text")
        hollow = len(text.split()) < _FEW_WORDS and not found.inputs and not found.images and not found.reached
        onward = found.refresh
        if not onward and len(text) < _LITTLE_TEXT and not found.inputs and not found.reached:
            onward = found.base.absolute(jump_address(scripts))
        if not onward and hollow and len(found.frames) == 1:
            onward = found.frames[0]
        facts = PageFacts(
            title=found.title,
            text="\n".join([text, *found.said])[:MOST_TEXT].strip(),
            images=tuple(found.images),
            inputs=tuple(found.inputs),
            forms=tuple(found.forms),
            url=found.url,
            language=found.language,
            pressure=Pressure(audio=found.audio, unloads=found.unloads),
            challenge_marks=tuple(found.marks),
            origins=tuple(found.origins),
            structure=sketch(self.tags),
            limits_reached=tuple(found.reached),
            links=tuple(found.addresses["links"]),
            icons=tuple(found.addresses["icons"]),
            resources=tuple(found.addresses["resources"]),
            telephones=tuple(found.addresses["telephones"]),
        )
        cut = self.cut or (f"only the first {MOST_TEXT} characters of its text were read" if self.room <= 0 else "")
        return HtmlPage(facts, onward if onward != found.url else "", hollow, cut)
