"""Walls that ask whether the visitor is human: recognised and recorded with their site key, never solved."""

from __future__ import annotations

from collections.abc import Sequence

from detector.model import Challenge, NetworkEntry, PageFacts


def recognise_challenge(facts: PageFacts, network: Sequence[NetworkEntry]) -> Challenge | None:
    """The challenge that a page puts in its visitor's way, None where there is none."""
    return None
