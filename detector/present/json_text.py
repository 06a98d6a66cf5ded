"""JSON lines for files and terminals: one object a line, and no character raw that a terminal obeys or that hides."""

from __future__ import annotations

import json

from detector.model import to_json
from detector.present.legible import INVISIBLE


def legible_json(value: object) -> bytes:
    """Return plain data or an object of the model as JSON in UTF-8, on one line.

    What is invisible or acts on terminals is escaped, and so reads back the same.
    """
    text = to_json(value).decode()
    return INVISIBLE.sub(lambda found: json.dumps(found[0])[1:-1], text).encode()


def json_line(value: object) -> bytes:
    """Return ``value`` as a line of JSON, with its line break."""
    return legible_json(value) + b"\n"
