"""Telephone numbers on a page: found in its text, its links and its pictures, written in one form."""

from detector.phones.finder import PhoneSearch, find_phones, search_phones
from detector.phones.official import normal, official_numbers

__all__ = [
    "PhoneSearch",
    "find_phones",
    "normal",
    "official_numbers",
    "search_phones",
]
