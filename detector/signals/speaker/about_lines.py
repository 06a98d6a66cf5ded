"""Lines that write about a brand's accounts, and do not ask for them: questions, guides, settings, sentences by the way."""

from __future__ import annotations

from collections.abc import Sequence

from detector.signals import lexicon

SHORT_LINE = 6
"""Words of a line up to which it can be a heading or a button over a form."""
BEFORE = 4
"""Words before a brand's name among which a verb of connecting is looked for."""


def writes_about(words: Sequence[str], place: int) -> bool:
    """Tell whether a line of these folded words only writes about the brand's account named at ``place``.

    ``How to reset your X password``, ``Connect your X account`` and ``Look twice before you log in to X`` do; ``Log in to X`` asks.
    """
    if not words or is_guide(words):
        return bool(words)
    if words[0] in lexicon.ASKING_STARTS:
        return False
    connects = not lexicon.CONNECT.isdisjoint(words[max(0, place - BEFORE) : place])
    return connects or len(words) > SHORT_LINE or not lexicon.INNOCENT_AROUND.isdisjoint(words)


def is_guide(words: Sequence[str]) -> bool:
    """Tell whether a heading of these folded words is that of a guide or a question: ``How to``, ``Comment``, ``My ...``."""
    return bool(words) and words[0] in lexicon.GUIDE_STARTS
