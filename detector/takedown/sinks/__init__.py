"""Destinations for cases: the built-in queue folder, and those that other packages announce."""

from __future__ import annotations

from importlib.metadata import entry_points

from detector.errors import ConfigError, UsageError
from detector.takedown.sinks.folder_sink import FolderSink
from detector.takedown.sinks.sink import Draft, DraftFile, DueCase, Receipt, TakedownSink, WrittenLine

ENTRY_POINTS = "clonewatch.sinks"
BUILT_IN = (FolderSink,)

__all__ = [
    "BUILT_IN",
    "Draft",
    "DraftFile",
    "DueCase",
    "FolderSink",
    "Receipt",
    "TakedownSink",
    "WrittenLine",
    "load_sink",
]


def load_sink(name: str, target: str) -> TakedownSink:
    """Make the destination that is called ``name``, for a target such as a folder or a URL.

    Raises:
        ConfigError: two destinations share a name, or the one that is asked for cannot be imported.
        UsageError: no destination has that name, or the target is not one for it.
    """
    announced = entry_points(group=ENTRY_POINTS)
    names = [kind.name for kind in BUILT_IN] + [entry.name for entry in announced]
    twice = sorted({each for each in names if names.count(each) > 1})
    if twice:
        raise ConfigError(f"several takedown destinations are called {', '.join(twice)}; names must be unique")
    for built_in in BUILT_IN:
        if built_in.name == name:
            return built_in(target)
    for entry in announced:
        if entry.name == name:
            try:
                kind = entry.load()
            except Exception as error:
                raise ConfigError(
                    f"takedown destination {name!r} ({entry.value}) cannot be loaded: {error}; repair or uninstall that package"
                ) from error
            made: TakedownSink = kind(target)
            return made
    raise UsageError(f"no takedown destination is called {name!r}; there are: {', '.join(sorted(names))}")
