"""The one table of weights: what each signal's answer says about who the page pretends to be, and what it wants.

A verdict's probability is ``P(identity) * P(intent)``.  P(identity) is a logistic regression over the findings: the log-odds
start at ``BASE``, and a signal that measured ``m`` adds ``absent + m * (present - absent)``; one that abstained adds nothing, so
that "could not look" is never "clean".  P(intent) comes from the stronger of the signals in :data:`INTENT`: what the page's forms
ask for, and whether it frightens its visitor into a call, since a tech-support scam needs no form.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 4
BASE = -3.04


@dataclass(frozen=True, slots=True)
class SignalWeight:
    """Log-odds of one signal: at measure 1, and at a measured 0."""

    signal: str
    present: float
    absent: float
    meaning: str
    """What the signal speaks of, as the head of its row in documentation."""


IDENTITY: tuple[SignalWeight, ...] = (
    SignalWeight("screenshot", 8.00, 0.00, "The picture is that of a page of the brand's own."),
    SignalWeight("logo", 7.19, 0.00, "The brand's logo stands on the page."),
    SignalWeight("domain", 4.00, 0.00, "The site's name imitates the brand's."),
    SignalWeight("title", 3.61, -1.74, "The title, or the largest line of a picture, names the brand."),
    SignalWeight("words", 7.38, 0.00, "Text and pictures' names speak as the brand."),
    SignalWeight("lettering", 5.16, -0.08, "Pictures on the page show the brand's name in letters."),
    SignalWeight("prompt", 2.08, 0.00, "The brand's own credentials are asked for."),
    SignalWeight("copyright", 1.50, -0.90, "The copyright line claims to be the brand."),
    SignalWeight("links", 2.73, 0.00, "Links lead to the brand's own account and legal pages."),
    SignalWeight("hotlinks", 4.06, -0.34, "Icon, pictures or scripts are taken from the brand's servers."),
    SignalWeight("favicon", 4.00, 0.00, "The page's icon is the brand's."),
    SignalWeight("wording", 4.00, 0.00, "Text or form are those of a page of the brand's own."),
    SignalWeight("mirror", 4.00, 0.00, "The source says that it was copied from the brand's page."),
    SignalWeight("site", 1.20, -0.30, "The name is young, a bare address, or one that anybody gets from a hoster."),
    SignalWeight("holder", -3.47, 0.00, "The page says in two places that it is somebody else."),
    SignalWeight("software", -9.00, 0.00, "The page is an installation of software that anybody may run."),
    SignalWeight("context", -2.88, 0.00, "The page speaks about brands, as news and reviews do."),
)
"""Written by ``benchmarks/fit.py --write``."""
UNKNOWN_SIGNAL = SignalWeight("", 2.50, 0.00, "A signal of another package.")
"""Weight of a signal from another package until the table names it."""

INTENT = ("lure", "scareware")
INTENT_NONE = 0.50
"""P(intent) of a page that asks for nothing."""
INTENT_EXCUSED = 0.15
"""The same where the page also says in two places that it is somebody else (:data:`EXCUSE`): news, forums, job adverts."""
EXCUSE = "holder"
INTENT_FULL = 0.995
INTENT_UNKNOWN = 0.75
"""P(intent) where the page's forms are not known: a picture alone."""
INTENT_OF_A_COPY = 0.95
"""P(intent) of a picture that is the brand's own page."""
