"""Tell telephone numbers from prices, dates, versions and order numbers.

That a number is valid says little: almost every run of eight to eleven digits is a valid number of some country.  The grouping of
the digits, the country's trunk prefix, and the words beside them decide.
"""

from __future__ import annotations

import re

from detector.phones import number_words

NANP = frozenset(("US", "CA"))
TRUNK_ZERO = frozenset(
    re.findall("..", "GBDEAUFRJPINATCHNLBEIENZZASEKRCNTRITBRFIIDMYTHVNSAAEEGTW")  # two letters each
)
"""Countries in which national numbers are dialled and written with a leading 0."""
_FREE = {
    "AU": re.compile(r"1[389]00 \d{3} \d{3}|1[38]00 \d{6}|1[38]00 \d\d \d\d \d\d"),
    "IN": re.compile(
        r"1[89]00 \d{3} \d{3,4}|1[89]00 \d{2,4} \d{2,4} ?\d{0,4}|[6-9]\d{4} \d{5}|[6-9]\d{3} \d{3} \d{3}|[6-9]\d\d \d{3} \d{4}"
    ),
}
_NANP = re.compile(r"(?:1 )?[2-9]\d\d [2-9]\d\d \d{4}|(?:1 )?[2-9]\d\d [2-9]\d{6}|1[2-9]\d\d [2-9]\d\d \d{4}")
_DATE = re.compile(
    r"(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?![./-]?\d)|\d{1,2}:\d\d|\d{3}-\d\d-\d{4}$"
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_DOTTED = re.compile(r"\+?[\d(]\d*\)?(?:\.\d+)+")
_DOTTED_PHONE = re.compile(
    r"(?:\+?\d{1,3}\.)?\(?[2-9]\d\d\)?\.\d{3}\.\d{4}|(?:\+33\.\d|0\d)(?:\.\d\d){4}|0\d{1,4}(?:\.\d{2,4}){2,4}|\+\d{1,3}(?:\.\d{2,8}){1,5}"
)
AROUND = 48
"""Characters on either side in which words about a number are searched for."""


def is_something_else(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` is a price, date, version, address, coordinate or identifier, also by its neighbours."""
    before, raw, after = text[max(0, start - AROUND) : start], text[start:end], text[end : end + 16]
    if re.search(r"[\w@=&?/\\]\Z|\d[.,:]\Z|[-−]\d*\Z", before) and not re.search(
        r"(?:\w:|\s[-/])\Z|[^\x00-\x7f]\Z", before
    ):
        return True
    if re.match(r"[\w@=&%/\\](?<![^\x00-\x7f])|[.,:]\d|-\w", after):
        return True
    if number_words.MONEY_BEFORE.search(before) or number_words.MONEY_AFTER.match(after):
        return True
    if _DATE.match(raw) or _ADDRESS.fullmatch(raw):
        return True
    if _DOTTED.fullmatch(raw.strip()) and not _DOTTED_PHONE.fullmatch(raw.strip()):
        return True
    return number_words.OTHER.search(before.rpartition("\n")[2]) is not None


def is_to_be_called(text: str, start: int, end: int) -> bool:
    """Tell whether the words beside it say that the number is to be called."""
    around = text[max(0, start - AROUND) : start] + " \n " + text[end : end + AROUND // 2]
    return number_words.CALL.search(around) is not None


def is_national(raw: str, region: str) -> bool:
    """Tell whether a number without country code is grouped and prefixed as is usual in that region."""
    groups = re.findall(r"\d+", raw)
    digits = "".join(groups)
    spaced = " ".join(groups)
    if region in NANP:
        return _NANP.fullmatch(spaced) is not None
    free = _FREE.get(region)
    if free is not None and free.fullmatch(spaced):
        return True
    if region in TRUNK_ZERO:
        apart = len(groups) >= 2 and all(len(group) <= 8 for group in groups)
        return digits.startswith("0") and not digits.startswith("00") and 9 <= len(digits) <= 12 and apart
    return False


def is_international(raw: str) -> bool:
    """Tell whether it begins with ``+`` or an international prefix (00, 011)."""
    return re.match(r"[(\s]*(?:\+|00[1-9]|011[\s.-]?[1-9])", raw) is not None
