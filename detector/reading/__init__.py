"""Read text in pictures: find lines of letters (``lines``), put them on one sheet (``line_sheet``), recognise them (``engine``)."""

from detector.reading.engine import HOW_TO_GET_IT, CouldNotRead, find_tesseract, in_process, tesseract_version
from detector.reading.line_sheet import TextLine, read_lines
from detector.reading.lines import LARGEST_TYPE, picture_areas, text_regions

__all__ = [
    "HOW_TO_GET_IT",
    "LARGEST_TYPE",
    "CouldNotRead",
    "TextLine",
    "find_tesseract",
    "in_process",
    "picture_areas",
    "read_lines",
    "tesseract_version",
    "text_regions",
]
