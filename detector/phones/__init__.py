"""Telephone numbers on a page: found in its text, its links and its pictures, written in one form."""

from detector.phones.finder import PhoneSearch, find_phones, search_phones
from detector.phones.ocr import HOW_TO_GET_IT, CouldNotRead, find_tesseract, tesseract_version
from detector.phones.official import normal, official_numbers

__all__ = [
    "HOW_TO_GET_IT",
    "CouldNotRead",
    "PhoneSearch",
    "find_phones",
    "find_tesseract",
    "normal",
    "official_numbers",
    "search_phones",
    "tesseract_version",
]
