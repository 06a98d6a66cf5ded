"""A front page's HTML as the page facts that the signals read, without a browser.

What a browser would tell of where things stand is not known: boxes lie nowhere.  What it would hide is taken as said: kits show
their forms by script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import etree
from w3lib.encoding import html_to_unicode

from crawler.pages.text import clean
from crawler.probe.html_structure import UNSEEN, sketch
from crawler.probe.inline_scripts import written
from crawler.probe.label_texts import LabelTexts
from detector.model import NOWHERE, Box, ChallengeMark, Form, ImageBox, InputField, Origin, PageFacts, Pressure

MOST_CHARACTERS = 2_000_000
MOST_TEXT = 60_000
MOST_NODES = 20_000
MOST_ORIGINS = 20
DEEPEST = 250
"""Elements within each other from which the parser may have left out what is inside: libxml2 ends at 256."""
_FIELD, _ADDRESS = 500, 2000
_MOST = {"images": 400, "inputs": 200, "forms": 100, "links": 2000, "resources": 2000, "icons": 20, "telephones": 100}
_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title", "svg", "math"})
_INLINE = frozenset(
    (
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "img", "input", "kbd", "label", "mark", "s",
        "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
    )
)  # fmt: skip
_SAID = {
    "name": ("description", "application-name", "apple-mobile-web-app-title", "twitter:title", "twitter:description"),
    "property": ("og:title", "og:site_name", "og:description"),
}
_TELEPHONE = re.compile(
    r"\s*(?:(?:tel|callto|sms|smsto|mms|facetime|facetime-audio|whatsapp|viber|skype):"
    r"|(?:https?:)?//(?:www\.|api\.|web\.)?(?:wa\.me|whatsapp\.com)/)",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"\s]{1,2000})", re.IGNORECASE)
_JUMP = re.compile(
    r"(?:location(?:\.href)?\s*=(?!=)|location\.(?:replace|assign)\s*\()\s*[\"'`]([^\"'`\s]{1,2000})[\"'`]",
    re.IGNORECASE,
)
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")\s]{1,2000})")
_MIRRORS = (
    ("saved from url", re.compile(r"saved from url=\(\d+\)\s*(\S{1,2000})", re.IGNORECASE)),
    ("HTTrack", re.compile(r"mirrored from (\S{1,2000}) by HTTrack", re.IGNORECASE)),
    ("SingleFile", re.compile(r"page saved with SingleFile[\s\S]{0,200}?url:\s*(\S{1,2000})", re.IGNORECASE)),
)
_WHOLE = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:[/?#]|\Z)", re.ASCII)
_BELOW = re.compile(r"(?!//)(?![?#])/?(?:[\w%~-][\w%~.-]*/)*(?:[\w%~-][\w%~.-]*)?(?:[?#][\w%~.=&;+-]*)?", re.ASCII)
"""A path without dots that would lead up, or nowhere."""
_KEYS = ("data-sitekey", "data-site-key", "data-pkey", "data-captcha-id", "data-gt")
_CHALLENGES = re.compile("captcha|turnstile|geetest|arkose|datadome|sec-if-cpt|cf-chl|slide-verify", re.IGNORECASE)
MOST_ATTRIBUTES = 200
"""Of one element.  The parser compares each with all before it: a page of 600 kB that is one tag would take it a minute."""
_ROOMY = 20_000
"""Characters in which no tag has attributes enough to matter."""
_VALUE = r"""\s*+=\s*+(?>"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?"""
_ATTRIBUTE = rf"[^\s/>][^\s/>=]*+(?>{_VALUE})?"
_TAGS = re.compile(
    r"(?is:<!--.*?(?:-->|\Z)|<(script|style|textarea)\b[^>]*+>.*?(?:</\1|\Z))"
    rf"|(<[a-z][^\s/>]*+)((?>[\s/]++|{_ATTRIBUTE})*+)",
    re.IGNORECASE,
)
"""A comment, an element of raw text, or a tag (its name, its attributes): HTML, section 13.2.5; goes over each character once."""
_ATTRIBUTES = re.compile(rf"(?>[\s/]*+{_ATTRIBUTE}){{{MOST_ATTRIBUTES}}}")
REFRESH_SECONDS = 10
"""Longest wait after which a refresh counts as the page's own way on."""
USUAL_SIDE = 100.0
"""Pixels that a picture is taken to have where the document does not say."""


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


def read_html(body: bytes, url: str, content_type: str = "", *, cut: bool = False) -> HtmlPage:
    """Read a document; whatever the bytes are, there is an answer.

    ``content_type``: the answer's header, whose charset counts before the document's own (HTML, section 13.2.3.2); ``cut``: the
    document has more than ``body``.
    """
    _, text = html_to_unicode(content_type or None, body[:MOST_CHARACTERS], default_encoding="utf-8")
    reader = _FactsReader(url)
    if cut or len(body) > MOST_CHARACTERS:
        reader.reached.setdefault("bytes")
    if len(body) > MOST_CHARACTERS:
        reader.cut = f"only the first {MOST_CHARACTERS} bytes of its HTML were read"
    for comment in _comments(text):
        reader.read_comment(comment)
    root = _parsed(text, reader.reached)
    if root is not None:
        reader.read(root)
        scripts = [str(node.text) for node in root.iter("script") if node.text and len(node.text) > 15]
        for piece in written(scripts):
            for comment in _comments(piece):
                reader.read_comment(comment)
            inner = _parsed(piece, reader.reached)
            if inner is not None:
                reader.read(inner)
        return reader.page(scripts)
    return reader.page([])


def _comments(text: str) -> Iterator[str]:
    """The document's comments, the beginning of each; what scripts hold between the same signs among them."""
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 2)  # "<!-->" is one
        end = end if end >= 0 else len(text)
        yield text[start + 4 : min(end, start + 4 + 2 * _ADDRESS)]
        at = end + 3


def _parsed(text: str, reached: dict[str, None]) -> etree._Element | None:
    # without comments: lxml takes the square of their number to walk over them
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root: etree._Element | None = etree.fromstring(_thinned(clean(text)).encode("utf-8"), parser=parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError):
        root = None
    # a document that is nested too deeply ends there for the parser, or is none
    if any("depth" in error.message for error in parser.error_log.filter_from_fatals()):
        reached.setdefault("nesting")
    return root


def _thinned(text: str) -> str:
    """The document without what a tag has beyond :data:`MOST_ATTRIBUTES`."""
    if len(text) <= _ROOMY:
        return text
    parts, at = [], 0
    for tag in _TAGS.finditer(text):
        kept = (
            _ATTRIBUTES.match(text, tag.start(3), tag.end(3))
            if tag[2] and tag.end() - tag.start() > _ROOMY // 10
            else None
        )
        if kept is not None:
            parts.append(text[at : kept.end()])
            at = tag.end()
    return "".join([*parts, text[at:]])


@dataclass
class _FactsReader:
    url: str
    base: str = ""
    origin: str = ""
    folder: str = ""
    title: str = ""
    language: str = ""
    refresh: str = ""
    nodes: int = 0
    cut: str = ""
    audio: int = 0
    unloads: int = 0
    texts: list[str] = field(default_factory=list)
    room: int = MOST_TEXT
    said: list[str] = field(default_factory=list)
    tags: list[tuple[str, int]] = field(default_factory=list)
    found: dict[str, dict[str, None]] = field(default_factory=lambda: {name: {} for name in _MOST})
    images: list[ImageBox] = field(default_factory=list)
    inputs: list[InputField] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    marks: list[ChallengeMark] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    reached: dict[str, None] = field(default_factory=dict)
    """Limits, as ``PageFacts.limits_reached`` names them."""
    label_texts: LabelTexts = field(default_factory=LabelTexts)

    def __post_init__(self) -> None:
        self._stand_on(self.url)

    # --- the walk ------------------------------------------------------------------------------------------------

    def read(self, root: etree._Element) -> None:
        """Go through a document in its order."""
        if not self.language:
            self.language = _short(root.get("lang"))
        base = root.find(".//base[@href]")
        if base is not None:
            self._stand_on(self._absolute(base.get("href")) or self.base)
        self.label_texts = LabelTexts(root)
        self._labels(root)
        self._walk(root)

    def read_comment(self, text: str) -> None:
        """Take down where the page was copied from, if its comment says so."""
        for mark, pattern in _MIRRORS:
            found = pattern.search(text)
            if found:
                address = found[1]
                bare = mark == "HTTrack" and not address.lower().startswith(("http:", "https:"))
                self._origin(mark, f"http://{address}" if bare else address)

    def _walk(self, root: etree._Element) -> None:
        # one loop without calls of its own: most of a cheap look's time goes by here, and a page has hundreds of elements
        texts, tags = self.texts, self.tags
        depth = silent = drawn = 0  # the last two: how many elements around hide their text, and how many are ``svg``
        for event, node in etree.iterwalk(root, events=("start", "end")):
            name = node.tag
            if event == "start":
                if self.nodes >= MOST_NODES:
                    self.reached.setdefault("elements")
                    self.cut = self.cut or f"only its first {MOST_NODES} elements were read"
                    return
                if depth >= DEEPEST and not self.cut:
                    self.cut = f"its elements nest more than {DEEPEST} deep, and not all that is inside was read"
                self.nodes += 1
                if name == "tr" and _lacks_body(node):
                    depth += 1
                    if not silent and _is_first_row(node):
                        tags.append(("tbody", depth))
                depth += 1
                if not silent and name not in UNSEEN:
                    tags.append((name, depth))
                if not drawn:
                    self._look(node, name)
                ends_line = name not in _INLINE and not silent
                drawn += name == "svg"
                silent += name in _SILENT
                text = node.text
            else:
                depth -= 1 + (name == "tr" and _lacks_body(node))
                silent -= name in _SILENT
                drawn -= name == "svg"
                ends_line = name not in _INLINE and not silent
                text = node.tail
            if ends_line and texts and texts[-1] != "\n":
                texts.append("\n")
            if text and not silent and self.room > 0:
                texts.append(text[: self.room].replace("\n", " "))
                self.room -= len(text)

    def _look(self, node: etree._Element, name: str) -> None:
        look = _LOOKS.get(name)
        if look is not None:
            look(self, node)
        attributes = node.items()
        if attributes:
            self._attributes(dict(attributes))

    def page(self, scripts: list[str]) -> HtmlPage:
        """Return what was read so far."""
        lines = (" ".join(line.split()) for line in "".join(self.texts).split("\n"))
        text = "\n".join(line for line in lines if line)
        if self.room <= 0:
            self.reached.setdefault("text")
        hollow = len(text.split()) < 5 and not self.inputs and not self.images and not self.reached
        onward = self.refresh or (
            self._jump(scripts) if len(text) < 400 and not self.inputs and not self.reached else ""
        )
        if not onward and hollow and len(self.frames) == 1:
            onward = self.frames[0]
        facts = PageFacts(
            title=self.title,
            text="\n".join([text, *self.said])[:MOST_TEXT].strip(),
            images=tuple(self.images),
            inputs=tuple(self.inputs),
            forms=tuple(self.forms),
            url=self.url,
            language=self.language,
            pressure=Pressure(audio=self.audio, unloads=self.unloads),
            challenge_marks=tuple(self.marks),
            origins=tuple(self.origins),
            structure=sketch(self.tags),
            limits_reached=tuple(self.reached),
            links=tuple(self.found["links"]),
            icons=tuple(self.found["icons"]),
            resources=tuple(self.found["resources"]),
            telephones=tuple(self.found["telephones"]),
        )
        cut = self.cut or (f"only the first {MOST_TEXT} characters of its text were read" if self.room <= 0 else "")
        return HtmlPage(facts, onward if onward != self.url else "", hollow, cut)

    # --- parts ---------------------------------------------------------------------------------------------------

    def _absolute(self, value: str | None) -> str:
        if not value:
            return ""
        value = value.strip()[:_ADDRESS]
        if _WHOLE.match(value):
            return value
        if _BELOW.fullmatch(value):  # what most addresses are; the library takes ten times as long
            return f"{self.origin}{value}" if value[0] == "/" else f"{self.folder}{value}"
        try:
            return urljoin(self.base, value)[:_ADDRESS]
        except ValueError:
            return ""

    def _stand_on(self, base: str) -> None:
        """Resolve addresses against this one from now on."""
        self.base = base
        try:
            parts = urlsplit(base)
        except ValueError:
            parts = urlsplit("")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.folder = self.origin + (parts.path.rpartition("/")[0] or "") + "/"

    def _add(self, kind: str, value: str) -> None:
        if not value:
            return
        if len(self.found[kind]) < _MOST[kind]:
            self.found[kind].setdefault(value)
        elif value not in self.found[kind]:
            self.reached.setdefault(kind)

    def _image(self, node: etree._Element | None, tag: str, alt: str | None, src: str) -> None:
        """``node`` says how large it is; None for a background, of which nobody does."""
        if len(self.images) < _MOST["images"]:
            box = NOWHERE if node is None else Box(0, 0, *(_side(node.get(name)) for name in ("width", "height")))
            self.images.append(ImageBox(tag=tag, box=box, alt=_short(alt), src=src))
        else:
            self.reached.setdefault("pictures")

    def _labels(self, root: etree._Element) -> None:
        for label in root.iter("label"):
            named = label.get("for")
            if named and named not in self.labels:
                if len(self.labels) >= _MOST["inputs"]:
                    return
                self.labels[named] = _short(self.label_texts.of(label))

    def _attributes(self, attributes: dict[str, str]) -> None:
        style = attributes.get("style")
        if style and "url(" in style:
            for address in _CSS_URL.findall(style[:10_000])[:3]:
                self._image(None, "background", attributes.get("aria-label"), self._absolute(address))
        clicked = attributes.get("onclick")
        if clicked and ("tel:" in clicked or "callto:" in clicked):
            number = re.search(r"(?:tel|callto):[^'\"\s]{3,60}", clicked)
            self._add("telephones", number[0] if number else "")
        if len(self.marks) < 20:
            named = f"{attributes.get('id', '')} {attributes.get('class', '')}"
            key = next((value for name in _KEYS if (value := attributes.get(name))), "") if len(attributes) > 1 else ""
            if key or (len(named) > 1 and _is_challenge(named[:_ADDRESS])):
                self.marks.append(ChallengeMark(_short(named), _short(key)))

    def _origin(self, mark: str, value: str | None) -> None:
        address = self._absolute(value)
        if address.startswith(("http://", "https://")) and len(self.origins) < MOST_ORIGINS:
            self.origins.append(Origin(mark, address))

    def _jump(self, scripts: list[str]) -> str:
        for script in scripts:
            found = _JUMP.search(script[:20_000])
            if found:
                return self._absolute(found[1])
        return ""

    # --- elements ------------------------------------------------------------------------------------------------

    def look_at_title(self, node: etree._Element) -> None:
        self.title = self.title or _short(" ".join("".join(_texts(node)).split()))

    def look_at_html(self, node: etree._Element) -> None:
        self._origin("WebScrapBook", node.get("data-scrapbook-source"))

    def look_at_meta(self, node: etree._Element) -> None:
        content = node.get("content") or ""
        for kind, names in _SAID.items():
            if (node.get(kind) or "").lower() in names and len(self.said) < 10:
                self.said.append(" ".join(content[:_FIELD].split()))
        if (node.get("name") or "").lower() == "savepage-url":
            self._origin("Save Page WE", content)
        if (node.get("property") or "").lower() == "og:url":
            self._origin("og:url", content)
        if (node.get("http-equiv") or "").lower() == "refresh" and not self.refresh:
            found = _REFRESH.match(content)
            if found and int(found[1]) <= REFRESH_SECONDS:
                self.refresh = self._absolute(found[2])

    def look_at_link(self, node: etree._Element) -> None:
        relations = (node.get("rel") or "").lower().split()
        address = self._absolute(node.get("href"))
        if "stylesheet" in relations:
            self._add("resources", address)
        if not {"icon", "apple-touch-icon", "apple-touch-icon-precomposed"}.isdisjoint(relations):
            self._add("icons", address)
        if "canonical" in relations:
            self._origin("canonical", address)

    def look_at_base(self, node: etree._Element) -> None:
        self._origin("base", node.get("href"))

    def look_at_script(self, node: etree._Element) -> None:
        self._add("resources", self._absolute(node.get("src")))

    def look_at_frame(self, node: etree._Element) -> None:
        address = self._absolute(node.get("src"))
        self._add("resources", address)
        if address.startswith(("http://", "https://")):
            self.frames.append(address)

    def look_at_a(self, node: etree._Element) -> None:
        href = node.get("href")
        if href is None:
            return
        if _TELEPHONE.match(href):
            self._add("telephones", _short(href))
        if not href.lstrip()[:11].lower().startswith("javascript:"):
            self._add("links", self._absolute(href))

    def look_at_form(self, node: etree._Element) -> None:
        if len(self.forms) < _MOST["forms"]:
            method = (node.get("method") or "get").strip().lower()
            action = self._absolute((node.get("action") or "").strip() or self.url)
            self.forms.append(Form(action, method if method in ("post", "dialog") else "get"))
        else:
            self.reached.setdefault("forms")

    def look_at_img(self, node: etree._Element) -> None:
        source = node.get("src") or node.get("data-src") or (node.get("srcset") or "").split(" ")[0]
        self._image(node, "img", node.get("alt"), source if source.startswith("data:") else self._absolute(source))

    def look_at_media(self, node: etree._Element) -> None:
        if node.get("autoplay") is not None and node.get("muted") is None:
            self.audio += 1
        poster = node.get("poster")
        if poster:
            self._image(node, "img", "", self._absolute(poster))

    def look_at_object(self, node: etree._Element) -> None:
        self._image(node, "img", "", self._absolute(node.get("data") or node.get("src")))

    def look_at_svg(self, node: etree._Element) -> None:
        title = node.find(".//{*}title")
        self._image(node, "svg", node.get("aria-label") or (title.text if title is not None else ""), "")

    def look_at_canvas(self, node: etree._Element) -> None:
        self._image(node, "canvas", node.get("aria-label"), "")

    def look_at_body(self, node: etree._Element) -> None:
        self.unloads += node.get("onbeforeunload") is not None

    def look_at_input(self, node: etree._Element) -> None:
        kind = (node.get("type") or "text").strip().lower() if node.tag == "input" else str(node.tag)
        kind = {"select": "select-one"}.get(kind, kind)
        if kind == "hidden":
            return
        if kind == "image":
            self._image(node, "input", node.get("alt"), self._absolute(node.get("src")))
        if len(self.inputs) >= _MOST["inputs"]:
            self.reached.setdefault("fields")
            return
        label = node.get("aria-label") or self.labels.get(node.get("id") or "", "")
        if not label:
            above = next((parent for parent in node.iterancestors("label")), None)
            label = self.label_texts.of(above) if above is not None else ""
        self.inputs.append(
            InputField(
                type=kind,
                name=_short(node.get("name")),
                placeholder=_short(node.get("placeholder")),
                autocomplete=_short(node.get("autocomplete")),
                label=_short(label),
            )
        )


_LOOKS: dict[str, Callable[[_FactsReader, etree._Element], None]] = {
    "title": _FactsReader.look_at_title,
    "html": _FactsReader.look_at_html,
    "meta": _FactsReader.look_at_meta,
    "link": _FactsReader.look_at_link,
    "base": _FactsReader.look_at_base,
    "script": _FactsReader.look_at_script,
    "iframe": _FactsReader.look_at_frame,
    "frame": _FactsReader.look_at_frame,
    "a": _FactsReader.look_at_a,
    "area": _FactsReader.look_at_a,
    "form": _FactsReader.look_at_form,
    "img": _FactsReader.look_at_img,
    "video": _FactsReader.look_at_media,
    "audio": _FactsReader.look_at_media,
    "object": _FactsReader.look_at_object,
    "embed": _FactsReader.look_at_object,
    "svg": _FactsReader.look_at_svg,
    "canvas": _FactsReader.look_at_canvas,
    "body": _FactsReader.look_at_body,
    "input": _FactsReader.look_at_input,
    "textarea": _FactsReader.look_at_input,
    "select": _FactsReader.look_at_input,
}


@lru_cache(1000)
def _is_challenge(named: str) -> bool:
    """Return True if the id or classes of an element are those of a challenge; cached, since elements of a site share theirs."""
    return _CHALLENGES.search(named) is not None


def _lacks_body(node: etree._Element) -> bool:
    """Return True if a browser would put a ``tbody`` around this row, which its document lacks (HTML, section 13.2.6.4.9)."""
    above = node.getparent()
    return above is not None and above.tag == "table"


def _is_first_row(row: etree._Element) -> bool:
    before = row.getprevious()
    return before is None or before.tag != "tr"


def _texts(node: etree._Element) -> Iterator[str]:
    size = 0
    for text in node.itertext():
        yield str(text)
        size += len(text)
        if size > _FIELD:
            return


def _side(value: str | None) -> float:
    digits = re.match(r"\s*(\d{1,4})", value or "")
    return float(digits[1]) if digits else USUAL_SIDE


def _short(value: str | None) -> str:
    return clean(value[:_FIELD]).strip() if value else ""
