"""The one way to a terminal: no character of any text is obeyed by the terminal, hidden, or turns the direction of what follows.

Commands write with :func:`say` and :class:`Console`; ``tests/unit/test_ways_to_people.py`` finds those that do not.
"""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich import console
from rich.segment import Segment

from detector.masking import without_known_secrets
from detector.present.legible import visible


class Console(console.Console):
    """Rich's console; characters of a text that a terminal would obey are written out, those of Rich's own styles are not."""

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        return super()._render_buffer(_legible(segment) for segment in buffer)


def say(text: object, *, err: bool = False) -> None:
    """Write one line to standard output, or to standard error; a line break in the text is written out too."""
    click.echo(on_one_line(str(text)), err=err)


def say_lines(text: str) -> None:
    """Write lines of our own making to standard output, with a line break at their end if they lack it."""
    click.echo(visible(without_known_secrets(text)), nl=not text.endswith("\n"))


def on_one_line(text: str) -> str:
    """Return a text whose line breaks and tabs are written out like other invisible characters."""
    return visible(without_known_secrets(text)).replace("\n", "[U+000A]").replace("\t", " ")


def _legible(segment: Segment) -> Segment:
    text = without_known_secrets(segment.text)
    if segment.control or (text is segment.text and text.isascii() and text.isprintable()):
        return segment
    return Segment(visible(text), segment.style)
