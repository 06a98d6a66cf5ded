"""The one way to the log: each record is one line of text that no terminal obeys; a traceback keeps its lines."""

from __future__ import annotations

import json
import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from crawler.runtime.terminal import on_one_line
from detector.masking import without_known_secrets
from detector.present.legible import visible


class LegibleRecord(logging.LogRecord):
    """A record of Python's logging, whose message and traceback may quote what a page or a server said."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.exc_info:
            # formatters take the text that is there, in place of one of their own
            self.exc_text = visible(without_known_secrets(logging.Formatter().formatException(self.exc_info)))

    def getMessage(self) -> str:  # noqa: N802  the name in Python's logging
        """Return the message on one line."""
        return on_one_line(super().getMessage())


def keep_logs_legible() -> None:
    """Make all that this process logs legible: records of Python's logging, and events of structlog, whoever formats them."""
    logging.setLogRecordFactory(LegibleRecord)
    *first, render = structlog.get_config()["processors"]
    if isinstance(render, structlog.processors.JSONRenderer):
        return  # JSON escapes, and a collector wants the texts as they are
    structlog.configure(processors=[*(each for each in first if each is not legible_event), legible_event, render])


def ascii_json(event: object, **options: Any) -> str:
    """Serialise an event as JSON in ASCII, DEL escaped too, which ``json.dumps`` leaves."""
    return without_known_secrets(json.dumps(event, **options)).replace("\x7f", "\\u007f")


def legible_event(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write out what is invisible in the texts of an event: a processor of structlog, before the one that renders."""
    return {key: on_one_line(value) if isinstance(value, str) else value for key, value in event.items()}
