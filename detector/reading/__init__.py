"""Reads text in pictures: where lines of letters stand (``lines``), and what they say (``tesseract``)."""

from detector.reading.lines import LARGEST_TYPE, picture_areas, text_regions
from detector.reading.tesseract import HOW_TO_GET_IT, CouldNotRead, Line, find_tesseract, read_lines, tesseract_version

__all__ = [
    "HOW_TO_GET_IT",
    "LARGEST_TYPE",
    "CouldNotRead",
    "Line",
    "find_tesseract",
    "picture_areas",
    "read_lines",
    "tesseract_version",
    "text_regions",
]
