"""One pattern of many phrases, quick to find nothing with: most pages hold none of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD_START = r"\b"


def either(patterns: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds what any of ``patterns`` finds first in a text.

    Where phrases begin at a word, that is asked once for all of them: each would be tried at every character otherwise.
    """
    at_words = [pattern.removeprefix(_WORD_START) for pattern in patterns if pattern.startswith(_WORD_START)]
    others = [pattern for pattern in patterns if not pattern.startswith(_WORD_START)]
    grouped = [rf"{_WORD_START}(?:{_joined(at_words)})"] if at_words else []
    return re.compile("|".join([*grouped, *(f"(?:{pattern})" for pattern in others)]))


def _joined(patterns: Sequence[str]) -> str:
    # a pattern with branches of its own must stay one; the others are left bare, so that their first letters can be told apart
    return "|".join(f"(?:{pattern})" if "|" in pattern else pattern for pattern in patterns)
