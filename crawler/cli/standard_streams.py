"""Standard streams and arguments as the program needs them, whatever the shell and the locale have left of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise

from detector.errors import UsageError
from detector.present.legible import shorten, visible

PREFIX = "CLONEWATCH_"
"""Beginning of the names of the environment's variables that are read as arguments are."""
PLACES = frozenset(
    {
        "--workspace",
        "-w",
        "--out",
        "-o",
        "--to",
        "--from",
        "--json",
        "--brands",
        "--logo",
        "--key",
        "--roots",
        "--browser",
    }
)
"""Options that name a file or a folder."""
_STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))


def mend_streams() -> frozenset[str]:
    """Make all three standard streams usable, and return the names of those that were closed: ``stdin``, ``stdout``, ``stderr``.

    A closed one (``>&-``) leads to nowhere from now on: the next file that is opened, such as the database, would get its
    descriptor otherwise.  A character that the encoding of a stream lacks becomes a question mark, as in locales without UTF-8.
    """
    closed = set()
    for number, (name, flags) in enumerate(_STREAMS):
        if not _is_open(number):
            closed.add(name)
            os.open(os.devnull, flags)  # the lowest free descriptor, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            with suppress(OSError):  # its descriptor was exchanged for one of another kind
                stream.reconfigure(errors="replace")
    return frozenset(closed)


def check_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Refuse arguments and variables of :data:`PREFIX` that are not text: they could neither be stored nor shown.

    Raises:
        UsageError: one holds bytes that the locale's encoding does not know, which Python reads as lone surrogates.
    """
    variables = ((name, value) for name, value in environment.items() if name.startswith(PREFIX))
    for what, text in (*((f"argument {number}", word) for number, word in enumerate(arguments, 1)), *variables):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError(
                f"{what}, {shorten(visible(text), 200)!r}, is not valid UTF-8; write it in UTF-8, and rename files whose "
                "names are not"
            ) from None


def check_places(arguments: Sequence[str]) -> None:
    """Refuse an option of :data:`PLACES` that is given an empty text, as by a shell variable that is not set.

    An empty path is the current folder, into which nobody meant to write.

    Raises:
        UsageError: names the option.
    """
    for word, following in pairwise((*arguments, "-")):
        option, equals, value = word.partition("=")
        if option in PLACES and not (value if equals else following):
            raise UsageError(f"{option} is empty: name a file or folder, or leave the option out")


def check_closed(arguments: Sequence[str], closed: Collection[str]) -> None:
    """Refuse ``-``, which stands for standard input or output, where that stream was closed by the caller.

    Raises:
        UsageError: an option asks for the closed stream; with nothing to read or to write into, the work would be lost.
    """
    for option, stream, words in (("--json", "stdout", "output"), ("--from", "stdin", "input")):
        given = f"{option}=-" in arguments or (option, "-") in pairwise(arguments)
        if given and stream in closed:
            raise UsageError(f"{option} -: standard {words} is closed; name a file instead")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
