"""The weights of the judge: what each signal's answer says about who the page pretends to be, and what it wants.

A verdict's probability is ``P(identity) * P(intent)``.  P(identity) is a logistic regression over the findings: the log-odds
start at :data:`BASE`, and a signal that measured ``m`` adds ``absent + m * (present - absent)``; one that abstained adds nothing,
so that "could not look" is never "clean".  The numbers are fitted to labelled pages by ``benchmarks/fit.py``, which writes
``detector/data/weights.toml``.

P(intent) comes from the stronger of the signals in :data:`INTENT`: what the page's forms ask for, and whether it frightens its
visitor into a call, since a tech-support scam needs no form.  Its numbers are policy, not fitted, and stand below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import msgspec

from detector.model import Finding

WEIGHTS_FILE = "data/weights.toml"


@dataclass(frozen=True, slots=True)
class SignalWeight:
    """Log-odds of one signal: at measure 1, and at a measured 0."""

    signal: str
    present: float
    absent: float
    meaning: str
    """The sentence that a finding of the signal stands for."""


class _Weight(msgspec.Struct, forbid_unknown_fields=True):
    present: float
    absent: float
    meaning: str


class _WeightsFile(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    base: float
    signals: dict[str, _Weight]


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The fitted numbers."""

    version: int
    """Goes up with every change, so that stored verdicts can be told from new ones."""
    base: float
    """Log-odds of a suspicion before any finding."""
    identity: tuple[SignalWeight, ...]


def read_weights(text: str) -> WeightTable:
    """Read a table of weights from TOML.

    Raises:
        ValueError: it is not TOML, or lacks a field.
    """
    found = msgspec.toml.decode(text, type=_WeightsFile)
    identity = (SignalWeight(name, one.present, one.absent, one.meaning) for name, one in found.signals.items())
    return WeightTable(found.version, found.base, tuple(identity))


def kept_shares(findings: Sequence[Finding]) -> list[float]:
    """Share, in [0, 1], that the judge keeps of what each finding speaks for the brand.

    The rest is somebody else's: the name a longer one's, unless the page has the brand's looks; banner and files the platform's.
    """
    by_name = {finding.signal: finding.measure or 0.0 for finding in findings}
    looks = max(by_name.get(name, 0.0) for name in LOOKS)
    namesake = by_name.get(NAMESAKE, 0.0) * (1.0 - min(1.0, looks / LOOKS_ALIKE))
    platform = by_name.get(PLATFORM, 0.0)
    return [
        (1.0 - namesake * (finding.signal in NAMING)) * (1.0 - platform * _is_surroundings(finding))
        for finding in findings
    ]


def _is_surroundings(finding: Finding) -> bool:
    if finding.signal == "logo":
        return finding.region is not None and finding.region.height <= BADGE
    return finding.signal in SURROUNDINGS


_TABLE = read_weights(files("detector").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))
VERSION, BASE, IDENTITY = _TABLE.version, _TABLE.base, _TABLE.identity
UNKNOWN_SIGNAL = SignalWeight("", 2.50, 0.00, "A signal of another package.")
"""Weight of a signal from another package until the file names it."""

NAMESAKE = "namesake"
"""The signal that says that the page's own name is a longer one; it discounts :data:`NAMING`, and weighs nothing itself."""
NAMING = frozenset({"title", "words", "prompt", "copyright", "domain", "lettering"})
"""Signals that find a brand's name."""
LOOKS = ("screenshot", "logo", "favicon", "hotlinks", "wording", "mirror", "links")
"""Signals that find what a namesake would not have: the brand's pictures, texts and servers."""
LOOKS_ALIKE = 0.4
"""Measure of one of them from which the longer name is not believed at all."""
PLATFORM = "platform"
"""The signal that says that the page is built or hosted with the brand's platform; it discounts :data:`SURROUNDINGS`."""
SURROUNDINGS = frozenset({"words", "copyright", "links", "hotlinks", "favicon", "lettering", "domain"})
"""Signals that find a platform's banner, files, icon and addresses."""
BADGE = 40.0
"""Height of a logo, in pixels, up to which it may be a banner's."""
INTENT = ("lure", "scareware")
NO_WEIGHT = frozenset({*INTENT, NAMESAKE, PLATFORM})
"""Signals that say nothing of the brand's identity by themselves."""
INTENT_NONE = 0.50
"""P(intent) of a page that asks for nothing."""
INTENT_EXCUSED = 0.15
"""P(intent) of a page that asks for nothing and says in two places that it belongs to somebody else (:data:`EXCUSE`): news."""
EXCUSE = "holder"
INTENT_FULL = 0.995
INTENT_UNKNOWN = 0.75
"""P(intent) where the page's forms are not known: a picture alone."""
INTENT_OF_A_COPY = 0.95
"""P(intent) of a picture that is the brand's own page."""
