"""One pattern of many phrases that is fast where nothing is found: most pages contain none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_WORD_START = r"\b"


class PhrasePattern:
    """Searches a text for any of its patterns.

    The start of a word is checked once for all phrases that begin with one: otherwise each would be tried at every character.
    Phrases without any ASCII letter or digit are not tried on a text that is all ASCII.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._all = _joined(patterns)
        ours = [pattern for pattern in patterns if not _is_foreign(pattern)]
        self._of_ascii = _joined(ours) if len(ours) < len(patterns) else self._all

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first match of any of the patterns."""
        return self._for(text).search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Find all matches, none within another."""
        return self._for(text).finditer(text)

    def _for(self, text: str) -> re.Pattern[str]:
        return self._of_ascii if text.isascii() else self._all


def _is_foreign(pattern: str) -> bool:
    """Tell whether the pattern cannot match in ASCII text: it has no ASCII letter or digit."""
    return not any(char.isascii() and char.isalnum() for char in pattern)


def _joined(patterns: Sequence[str]) -> re.Pattern[str]:
    if not patterns:
        return re.compile(r"(?!)")
    at_words = [pattern.removeprefix(_WORD_START) for pattern in patterns if pattern.startswith(_WORD_START)]
    others = [pattern for pattern in patterns if not pattern.startswith(_WORD_START)]
    grouped = [rf"{_WORD_START}(?:{'|'.join(_branch(pattern) for pattern in at_words)})"] if at_words else []
    return re.compile("|".join([*grouped, *(f"(?:{pattern})" for pattern in others)]))


def _branch(pattern: str) -> str:
    # a pattern with branches needs a group; the others have none, so that the engine can tell them apart by first letters
    return f"(?:{pattern})" if "|" in pattern else pattern
