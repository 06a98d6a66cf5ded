"""Items that a source of candidates yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from detector.model import Candidate
from detector.store import Checkpoint, DueProbe, EndedProbes, Intake, SourceKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundCandidate:
    """A candidate with what triage should know beside it."""

    candidate: Candidate
    ceiling: float = 1.0
    """The priority is not raised above this, whatever the name says: parked domains."""


@dataclass(frozen=True, slots=True)
class SourceCheckpoint:
    """The position up to which a source was read: stored together with the candidates that it gave before, never earlier."""

    source: str
    key: str
    value: str
    after: int
    """Items of this source that were given before."""

    @classmethod
    def of(cls, source: str, key: SourceKey[T], value: T, after: int) -> SourceCheckpoint:
        """Encode a value as its key says."""
        return cls(source, key.name, key.encode(value), after)

    def join(self, intake: Intake) -> None:
        """Become part of what is stored next."""
        intake.checkpoints.append(Checkpoint(self.source, self.key, self.value))


@dataclass(frozen=True, slots=True)
class UnscoredNames:
    """Names that say nothing by themselves, left to the cheap look."""

    source: str
    names: tuple[str, ...]

    def join(self, intake: Intake) -> None:
        """Become part of what is stored next."""
        intake.names.append((self.source, self.names))


@dataclass(frozen=True, slots=True)
class ProbesSettled:
    """Cheap looks that have ended: settled with the candidates that they led to."""

    source: str
    done: tuple[DueProbe, ...]
    nothing: tuple[DueProbe, ...]
    remember: timedelta
    after: int
    """Items of this source that were given before."""

    def join(self, intake: Intake) -> None:
        """Become part of what is stored next."""
        intake.probes.append(EndedProbes(self.done, self.nothing, self.remember))


@dataclass(frozen=True, slots=True)
class FileCheckpoint:
    """A file of the source's own that says how far it has got: written once all that it gave before is stored."""

    source: str
    place: Path
    write: Callable[[], None]
    """Puts the new file in the place of the old one; raises OSError.  Runs in a thread."""
    after: int
    """Items of this source that were given before."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """A candidate that was done with, to be looked at once more."""

    candidate: Candidate

    @property
    def source(self) -> str:
        """The source that asks for the new capture."""
        return self.candidate.source

    def join(self, intake: Intake) -> None:
        """Become part of what is stored next."""
        intake.again.append(self.candidate)


Item = Candidate | FoundCandidate | SourceCheckpoint | UnscoredNames | ProbesSettled | FileCheckpoint | Reopen
