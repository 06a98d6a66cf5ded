"""What the process that discovery runs in is told, and what it answers; light enough for whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.discovery.source_tally import SourceTally
from detector.config import Config, Feed


@dataclass(frozen=True)
class DiscoveryJob:
    """What a run of the spiders is told."""

    workspace: str
    config: Config
    """As the starter resolved it: file and options together."""
    sources: tuple[str, ...] = ()
    """Names of spiders; empty: all that run by default."""
    brands: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    """Read in place of the configured ones where given."""
    verbose: bool = False


@dataclass(frozen=True)
class DiscoveryOutcome:
    """What became of it."""

    sources: tuple[SourceTally, ...] = ()
    error: str = ""
    """Why the whole run ended; the exit code that belongs to it beside."""
    exit_code: int = 0
