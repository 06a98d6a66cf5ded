"""Messages to and from the discovery process, in a module that is cheap to import."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.discovery.source_tally import SourceTally
from detector.config import Config, Feed


@dataclass(frozen=True)
class DiscoveryJob:
    """The order to run spiders."""

    workspace: str
    config: Config
    """The configuration, with the options of the command applied."""
    sources: tuple[str, ...] = ()
    """Names of spiders; empty: all that run by default."""
    brands: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    """Feeds to read instead of the configured ones; empty: the configured ones."""
    verbose: bool = False
    tell_every: float = 0.0
    """Seconds between two lines of counts that are written before the outcome; 0: none are."""


@dataclass(frozen=True)
class DiscoveryOutcome:
    """The result of a run of spiders."""

    sources: tuple[SourceTally, ...] = ()
    error: str = ""
    """Reason why the whole run failed, with its exit code; empty where it did not."""
    exit_code: int = 0
    ended: bool = True
    """False where these are the counts of a run that goes on."""
