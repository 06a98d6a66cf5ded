"""Signals: each measures one thing about a capture and a brand, or abstains with a reason."""

from __future__ import annotations

from importlib.metadata import entry_points

from detector.brands import BrandLibrary
from detector.errors import ConfigError
from detector.signals.about import ContextSignal, CopyrightSignal
from detector.signals.capture_view import CaptureView
from detector.signals.domain import DomainSignal
from detector.signals.favicon import FaviconSignal
from detector.signals.holder import HolderSignal
from detector.signals.lettering import LetteringSignal
from detector.signals.links import HotlinkSignal, LinksSignal
from detector.signals.logo import LogoSignal
from detector.signals.lure import LureSignal
from detector.signals.mirror import MirrorSignal
from detector.signals.namesake import NamesakeSignal
from detector.signals.platform import PlatformSignal, SoftwareSignal
from detector.signals.scareware import ScarewareSignal
from detector.signals.screenshot import ScreenshotSignal
from detector.signals.signal import PreparedSignal, Signal
from detector.signals.site import SiteSignal
from detector.signals.title import TitleSignal
from detector.signals.wording import WordingSignal
from detector.signals.words import PromptSignal, WordsSignal

ENTRY_POINTS = "clonewatch.signals"
BUILT_IN = (
    ScreenshotSignal,
    LogoSignal,
    DomainSignal,
    TitleSignal,
    WordsSignal,
    PromptSignal,
    LetteringSignal,
    CopyrightSignal,
    LinksSignal,
    HotlinkSignal,
    FaviconSignal,
    MirrorSignal,
    WordingSignal,
    SiteSignal,
    HolderSignal,
    NamesakeSignal,
    SoftwareSignal,
    PlatformSignal,
    ContextSignal,
    LureSignal,
    ScarewareSignal,
)

__all__ = ["BUILT_IN", "CaptureView", "PreparedSignal", "Signal", "load_signals"]


def load_signals(library: BrandLibrary) -> tuple[Signal, ...]:
    """Make the built-in signals, and those that other packages announce, for one library.

    Raises:
        ConfigError: two signals share a name, or one cannot be imported: a missing signal is a missed clone.
    """
    signals: list[Signal] = [kind(library) for kind in BUILT_IN]
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            signals.append(entry.load()(library))
        except Exception as error:
            raise ConfigError(
                f"signal {entry.name!r} ({entry.value}) cannot be loaded: {error}; repair or uninstall that package"
            ) from error
    names = [signal.name for signal in signals]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"several signals are called {', '.join(twice)}; names must be unique")
    return tuple(signals)
