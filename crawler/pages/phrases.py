"""One pattern of many phrases, quick to find nothing with: most pages hold none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_WORD_START = r"\b"


class PhrasePattern:
    """Finds what any of its patterns finds first in a text.

    Where phrases begin at a word, that is asked once for all of them: each would be tried at every character otherwise.  Those
    that have no letter of ASCII are not tried on a text of nothing else.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._all = _joined(patterns)
        ours = [pattern for pattern in patterns if not _is_foreign(pattern)]
        self._of_ascii = _joined(ours) if len(ours) < len(patterns) else self._all

    def search(self, text: str) -> re.Match[str] | None:
        """The first place where one of them stands."""
        return self._for(text).search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All places, none within another."""
        return self._for(text).finditer(text)

    def _for(self, text: str) -> re.Pattern[str]:
        return self._of_ascii if text.isascii() else self._all


def _is_foreign(pattern: str) -> bool:
    """Whether a text of ASCII only cannot hold it: no letter or digit of it is ASCII."""
    return not any(char.isascii() and char.isalnum() for char in pattern)


def _joined(patterns: Sequence[str]) -> re.Pattern[str]:
    if not patterns:
        return re.compile(r"(?!)")
    at_words = [pattern.removeprefix(_WORD_START) for pattern in patterns if pattern.startswith(_WORD_START)]
    others = [pattern for pattern in patterns if not pattern.startswith(_WORD_START)]
    grouped = [rf"{_WORD_START}(?:{'|'.join(_branch(pattern) for pattern in at_words)})"] if at_words else []
    return re.compile("|".join([*grouped, *(f"(?:{pattern})" for pattern in others)]))


def _branch(pattern: str) -> str:
    # a pattern with branches of its own must stay one; the others are left bare, so that their first letters can be told apart
    return f"(?:{pattern})" if "|" in pattern else pattern
