"""The section ``[takedown]``: which cases may leave for the takedown desk without a person's decision."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.errors import ConfigError

RULE_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class ReleaseRule:
    """A rule by which flagged cases leave without a person's decision; each line that it lets go names it."""

    name: str
    """Letters, digits, ``-`` and ``_``, 60 at most."""
    probability: float
    """Lowest probability of the verdict, above 0, at most 1."""
    brands: tuple[str, ...] = ()
    """Ids of the brands that it is about; empty: all."""

    def __post_init__(self) -> None:
        if not RULE_NAME.fullmatch(self.name):
            raise ConfigError(
                f"takedown.without_review: {self.name[:80]!r}: expected a name of letters, digits, - and _, 60 at most"
            )
        if not 0 < self.probability <= 1:
            raise ConfigError(f"takedown.without_review: {self.name}: probability must be above 0 and at most 1")


@dataclass(frozen=True, kw_only=True)
class TakedownConfig:
    """Cases that are handed over: those that a person confirmed, and what the rules let go."""

    without_review: tuple[ReleaseRule, ...] = ()
    """Rules by which flagged cases leave unreviewed; see ``[[takedown.without_review]]``.  None: only what a person confirmed."""

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.without_review]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"takedown.without_review: two rules are called {twice[0]}")
