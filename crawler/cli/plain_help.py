"""Help in the words of users: what to write for an option, and no names of Python's types (``<list[str]>``, ``<bool>``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


def make_plain(command: Any) -> None:
    """Word the help of a command, and of those below it, for users; ``command`` is of Typer's own kind, which has no public type.

    Lines of each paragraph are joined: Rich would break them where the source does, whatever the terminal's width.
    """
    paragraphs = (command.help or "").split("\n\n")
    command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    command.get_params = partial(_without_types, command.get_params)
    for below in getattr(command, "commands", {}).values():
        make_plain(below)


def _without_types(get_params: Callable[[Any], list[Any]], ctx: Any) -> list[Any]:
    found = get_params(ctx)  # those of --help and of completion too, which are added late
    for parameter in found:
        parameter.display_type_rich = partial(_value, parameter)
    return found


def _value(parameter: Any, ctx: Any) -> str | None:
    """Return what to write for a parameter: the choices, or the word that stands for the value; None for flags and arguments."""
    if parameter.param_type_name == "argument":
        return None  # its word stands in the column before
    if parameter.metavar:
        return str(parameter.metavar)
    if getattr(parameter, "is_flag", False):
        return None
    return str(parameter.display_type(ctx)).strip("<>")
