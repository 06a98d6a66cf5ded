"""The corpus of hostile strings (tests/cases/hostile_strings.json), and what no output may hold of them."""

from __future__ import annotations

import json
import re

from tests.support.program import ROOT

OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Characters that a terminal obeys, that end a line for some reader, that turn the direction of text, or that nobody sees."""


def hostile_strings() -> list[tuple[str, str]]:
    """Kind and text of each; a long repetition is stored as what is repeated, and how often."""
    listed = json.loads((ROOT / "tests" / "cases" / "hostile_strings.json").read_text(encoding="utf-8"))
    return [(kind, text if isinstance(text, str) else text[0] * text[1]) for kind, text in listed]


def storable_strings() -> list[str]:
    """Those that a database, a file of TOML or an argument can hold: without lone surrogates and NUL, at most 2,000 characters."""
    return [text for _, text in hostile_strings() if len(text) <= 2_000 and not re.search("[\x00\ud800-\udfff]", text)]
