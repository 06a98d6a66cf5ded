"""Comments of a document, and the addresses of origin that copying tools write into them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.probe.html.collected_facts import CollectedFacts
from crawler.probe.html.document_base import MOST_ADDRESS

_COPYING_TOOLS = (
    ("saved from url", re.compile(r"saved from url=\(\d+\)\s*(\S{1,2000})", re.IGNORECASE)),
    ("HTTrack", re.compile(r"mirrored from (\S{1,2000}) by HTTrack", re.IGNORECASE)),
    ("SingleFile", re.compile(r"page saved with SingleFile[\s\S]{0,200}?url:\s*(\S{1,2000})", re.IGNORECASE)),
)


def read_comments(facts: CollectedFacts, text: str) -> None:
    """Add the addresses from which the document's comments say that it was copied."""
    for comment in _comments(text):
        for mark, pattern in _COPYING_TOOLS:
            found = pattern.search(comment)
            if found:
                address = found[1]
                bare = mark == "HTTrack" and not address.lower().startswith(("http:", "https:"))
                facts.add_origin(mark, f"http://{address}" if bare else address)


def _comments(text: str) -> Iterator[str]:
    """The document's comments, the beginning of each; what scripts hold between the same signs among them."""
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 2)  # "<!-->" is one
        end = end if end >= 0 else len(text)
        yield text[start + 4 : min(end, start + 4 + 2 * MOST_ADDRESS)]
        at = end + 3
