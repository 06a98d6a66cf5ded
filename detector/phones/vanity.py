"""Find numbers that are spelt with letters (``1-800-AMAZON1``, ``1300 CALL NOW``), which the library's matcher misses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from detector.phones.shapes import is_to_be_called

LENGTH = 7
"""Letters and digits after a North American area code; telephones ignore what is dialled beyond them."""
_PREFIX = re.compile(
    r"(?<![\w.,$€£-])(?:(?P<nanp>(?:\+?1[\s.\-]{0,2})?\(?8(?:00|33|44|55|66|77|88)\)?)|(?P<au>1[38]00)|(?P<gb>0800))[\s.\-]{1,3}(?=[A-Z0-9])"
)
_BODY = re.compile(r"[A-Z0-9]+(?:[\s.\-][A-Z0-9]+){0,4}")
MAX_BODY = 12


def vanity_numbers(text: str) -> Iterator[tuple[int, int, phonenumbers.PhoneNumber]]:
    """Iterate over (start, end, number); only capital letters count, as such numbers are written."""
    for prefix in _PREFIX.finditer(text):
        body = _BODY.match(text, prefix.end())
        if body is None:
            continue
        if not re.search(r"[1(+].*\d|[.\-]", prefix.group()) and not is_to_be_called(text, prefix.start(), body.end()):
            continue
        region, length = ("US", LENGTH) if prefix["nanp"] else ("AU", 6) if prefix["au"] else ("GB", LENGTH)
        taken = _take(body.group(), length)
        if taken is None or sum(character.isalpha() for character in taken) < 3:
            continue
        dialled = re.sub(r"[^A-Z0-9]", "", taken)[:length]
        digits = phonenumbers.convert_alpha_characters_in_number(f"{prefix.group()}{dialled}")
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield prefix.start(), prefix.end() + len(taken), number


def _take(body: str, length: int) -> str | None:
    """Take whole words until there are enough letters and digits; None where there are not."""
    end = 0
    for word in re.finditer(r"[A-Z0-9]+", body):
        end = word.end()
        count = len(re.sub(r"[^A-Z0-9]", "", body[:end]))
        if count >= length:
            return body[:end] if count <= MAX_BODY else None
    return None
