"""Find telephone numbers in a page's text, links and pictures, and write them in one form (E.164)."""

from detector.phones.finder import PhoneSearch, find_phones, search_phones
from detector.phones.official import normal, official_numbers

__all__ = [
    "PhoneSearch",
    "find_phones",
    "normal",
    "official_numbers",
    "search_phones",
]
