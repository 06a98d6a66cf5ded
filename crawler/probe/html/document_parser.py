"""Parse a document with lxml, without what would take the parser time or memory out of proportion."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree
from w3lib.encoding import html_to_unicode

from crawler.pages.text import clean

MOST_BYTES = 2_000_000
"""Bytes of a document that are read."""
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


class ParsedDocument(NamedTuple):
    """The tree of a document."""

    root: etree._Element | None
    """None where the parser found no element."""
    too_deep: bool
    """Its elements nest too deeply: the parser left out what is inside, or gave up."""


def decode(body: bytes, content_type: str) -> str:
    """Decode the first :data:`MOST_BYTES` of a document; the header's charset counts before its own (HTML, section 13.2.3.2)."""
    _, text = html_to_unicode(content_type or None, body[:MOST_BYTES], default_encoding="utf-8")
    return text


def parse(text: str) -> ParsedDocument:
    """Parse a document or a piece of one, whatever it is."""
    # without comments: lxml takes the square of their number to walk over them
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root: etree._Element | None = etree.fromstring(_thinned(clean(text)).encode("utf-8"), parser=parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError):
        root = None
    return ParsedDocument(root, any("depth" in error.message for error in parser.error_log.filter_from_fatals()))


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
