"""The one table of weights: what each signal's answer says about who the page pretends to be, and what it wants.

A verdict's probability is ``P(identity) * P(intent)``.  P(identity) is a logistic regression over the findings: the log-odds
start at ``BASE``, and a signal that measured ``m`` adds ``absent + m * (present - absent)``; one that abstained adds nothing, so
that "could not look" is never "clean".  P(intent) comes from the stronger of the signals in :data:`INTENT`: what the page's forms
ask for, and whether it frightens its visitor into a call, since a tech-support scam needs no form.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 2
BASE = -5.0


@dataclass(frozen=True, slots=True)
class Weight:
    """Log-odds of one signal: at measure 1, and at a measured 0."""

    signal: str
    present: float
    absent: float = 0.0


IDENTITY: tuple[Weight, ...] = (
    Weight("screenshot", present=8.0),
    Weight("logo", present=7.4),
    Weight("domain", present=4.0),
    Weight("title", present=4.8, absent=-0.6),
    Weight("words", present=5.6),
    Weight("prompt", present=1.8),
    Weight("copyright", present=2.5, absent=-0.9),
    Weight("links", present=3.0),
    Weight("hotlinks", present=3.5),
    Weight("context", present=-2.6),
)
UNKNOWN_SIGNAL = Weight("", present=3.0)
"""Weight of a signal from another package until the table names it."""

INTENT = ("lure", "scareware")
INTENT_NONE = 0.40
"""P(intent) of a page that asks for nothing."""
INTENT_FULL = 0.995
INTENT_UNKNOWN = 0.75
"""P(intent) where the page's forms are not known: a picture alone."""
INTENT_OF_A_COPY = 0.95
"""P(intent) of a picture that is the brand's own page."""
