"""The lines in which a page names itself: the segments of its title, and its copyright lines."""

from __future__ import annotations

import re

from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.text_tokens import fold, tokens_of

SEPARATOR = re.compile(r"\s[|:–—\-»•·/~]+\s|[|»•·–—]|:\s")
MAX_TITLE = 300
"""Characters of a title that are read."""
YEAR_OR_WORD = re.compile(
    r"\b(19|20)\d\d\b|copyright|rights|rechte|derechos|droits|direitos|prawa|права", re.IGNORECASE
)
"""A year or a copyright word: a copyright line holds one beside the sign."""


def _names_somebody(line: str) -> bool:
    known = lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS | lexicon.COPYRIGHT_WORDS
    words = tokens_of(line)
    return any(not word.isdigit() and fold(word) not in known for word in words)


def copyright_lines(view: CaptureView) -> list[str]:
    """Find up to five lines that claim a copyright and name somebody."""
    assert view.text_facts is not None
    text = view.text_facts.text[:200_000]

    def search() -> list[str]:
        lines = text.splitlines()
        hits = []
        for number, line in enumerate(lines):
            low = line.casefold()
            if any(mark in low for mark in lexicon.COPYRIGHT_MARKS):
                # the holder's name is often in an element of its own, on the next line
                hits.append((line if len(line) > 20 else " ".join(lines[number : number + 2]))[:300])
        # text recognition takes round icons for the sign ©
        sure = hits if view.facts is not None else [hit for hit in hits if YEAR_OR_WORD.search(hit)]
        return [hit for hit in sure[:5] if _names_somebody(hit)]

    return view.memo("copyright lines", search)


def title_segments(title: str) -> list[str]:
    """Split a title at its separators: ``Sign in | Example`` -> ``Sign in``, ``Example``."""
    return [part for part in SEPARATOR.split(" ".join(title.split())[:MAX_TITLE]) if part and part.strip()]
