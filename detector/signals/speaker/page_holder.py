"""The name that a page gives as its own in two places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from detector.brands import BrandLibrary
from detector.hosts import host_of, registrable_domain
from detector.model import Brand
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_index import MentionIndex
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.speaker.own_lines import copyright_lines, title_segments

Words = tuple[str, ...]
Names = list[Words]
LEAST_LETTERS = 4
"""Letters of a name below which agreement in two places may be chance."""
TOO_LIKE = 0.75
"""Ratio of matching letters from which another name is a misspelling of the brand's."""
AND = ("and", "und", "et", "e", "y", "i", "og", "och", "en", "ve")
"""Words that sites' names have in place of ``&``."""
TWO_PLACES, WITH_ADDRESS = 1.0, 0.7
"""Measure where title and copyright line agree, and where one of them agrees with the host name, which anybody can register."""


@dataclass(frozen=True, slots=True)
class PageHolder:
    """The name that a page gives as its own."""

    name: str
    """In letters, without spaces."""
    shown: str
    places: str
    """The two places that give it, as a clause."""
    measure: float


def names_the_brand(holder: PageHolder, brand: Brand, library: BrandLibrary, index: MentionIndex) -> bool:
    """Tell whether the holder's name is one of the brand's or of its family's, or a misspelling of one."""
    named = {mention.brand for text in (holder.shown, holder.name) for mention in index.find(text)}
    if named & {brand.id, *library.family(brand.id)}:
        return True
    return any(_is_similar(holder.name, "".join(tokens_of(fold(name)))) for name in (brand.name, *brand.names))


def _is_similar(name: str, other: str) -> bool:
    short, long = sorted((name, other), key=len)
    if len(short) >= LEAST_LETTERS and short in long:
        return True
    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= TOO_LIKE


def holder_of(view: CaptureView) -> PageHolder | None:
    """Find the name that two of title, copyright line and host name agree on; None where no two do."""
    return view.memo("holder", lambda: _find_holder(view))


def _find_holder(view: CaptureView) -> PageHolder | None:
    assert view.text_facts is not None
    title: Names = [_name_words(segment) for segment in title_segments(view.text_facts.title)]
    copyright_: Names = [_name_words(line) for line in copyright_lines(view)]
    label = registrable_domain(host_of(view.url)).partition(".")[0]
    site: Names = [(label,)] if label else []
    # a copyright line may give the name without its end: `Kettle Books` in the title, `© Kettle` below
    title += [name for name in copyright_ if any(_contains_name(longer, name) for longer in title)]
    places: tuple[tuple[str, Names], ...] = (
        ("its title", title),
        ("its copyright line", copyright_),
        ("its host name", site),
    )
    best: PageHolder | None = None
    for (first, names), (second, others) in combinations(places, 2):
        measure = WITH_ADDRESS if others is site else TWO_PLACES
        for name in names:
            joined = "".join(name)
            if len(joined) < LEAST_LETTERS or not any(_contains_name(other, name) for other in others):
                continue
            if best is None or measure > best.measure:
                best = PageHolder(joined, " ".join(name), f"{first} and {second}", measure)
    return best


def _name_words(text: str) -> Words:
    """The words of a part of the title, or of a copyright line, that can belong to a name."""
    known = lexicon.GENERIC_TITLE | lexicon.COPYRIGHT_WORDS
    return tuple(word for word in tokens_of(fold(text)) if word not in known and not word.isdigit())


def _contains_name(words: Sequence[str], name: Words) -> bool:
    """Tell whether ``words`` contains the words of the name in a row.

    A host name writes them without spaces or with hyphens, and ``&`` as a word.
    """
    count = len(name)
    if any(tuple(words[start : start + count]) == name for start in range(len(words) - count + 1)):
        return True
    if len(words) != 1:
        return False
    label, joined = words[0].replace("-", ""), "".join(name)
    # compare lengths first: a label has 63 letters at most (RFC 1035), but a title may have any number of words
    fitting = [word for word in AND if len(word) + len(joined) == len(label)]
    return label == joined or any(
        label == "".join((*name[:cut], word, *name[cut:])) for word in fitting for cut in range(1, len(name))
    )
