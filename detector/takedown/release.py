"""The decision which cases may leave for the takedown desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.config import ReleaseRule
from detector.model import TAKEDOWN_DUE_STATES, VERDICT_DECIDES_STATES, Case, Decision


@dataclass(frozen=True, slots=True)
class Release:
    """The permission by which a case may leave."""

    rule: str | None
    """Name of the rule; None: a person confirmed the case."""


def release_of(case: Case, rules: Sequence[ReleaseRule] = ()) -> Release | None:
    """Return the permission by which a case may leave: a person's, or that of the first rule that fits; None: it stays."""
    if case.state in TAKEDOWN_DUE_STATES:
        return Release(None)
    if not is_unreviewed(case):
        return None
    probability = case.verdict.probability or 0.0
    for rule in rules:
        if probability >= rule.probability and (not rule.brands or case.brand in rule.brands):
            return Release(rule.name)
    return None


def is_unreviewed(case: Case) -> bool:
    """Check that a case is flagged, and that nobody has decided on the site as it is now."""
    return case.state in VERDICT_DECIDES_STATES and case.verdict.decision is Decision.FLAGGED
