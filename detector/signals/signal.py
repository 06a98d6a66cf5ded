"""What a signal is, and the base of those that look at all brands at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, runtime_checkable

from detector.brands import BrandLibrary
from detector.hosts import host_of
from detector.model import Box, Brand, Finding
from detector.signals.capture_view import CaptureView


class Signal(Protocol):
    """One way of telling whether a capture shows a brand.

    Implementations are made with the brand library (``Signal(library)``), announced by the entry point group
    ``clonewatch.signals`` and told apart by ``name``.  ``version`` changes with every change of what is measured.
    """

    name: str
    version: int

    def suspects(self, view: CaptureView) -> Collection[str]:
        """Ids of the brands that this signal has something to say about."""
        ...

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        """Measure, or abstain with a reason.  Never raises for anything a page contains."""
        ...


@runtime_checkable
class PreparedSignal(Protocol):
    """A signal that compares with something it has to build or open first."""

    def prepare(self) -> None:
        """Do it now rather than at the first look."""
        ...


class SurveySignal(ABC):
    """Looks at a view once for all brands and remembers the result in the view."""

    name: str
    version: int
    nothing: str = "nothing of {brand} was found"
    """Sentence of a measured zero."""

    def __init__(self, library: BrandLibrary) -> None:
        self.library = library

    @abstractmethod
    def abstains(self, view: CaptureView) -> str | None:
        """Why this view cannot be looked at; None when it can."""

    @abstractmethod
    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        """Findings by brand id, for the brands with a measure above zero (or of special interest)."""

    def _surveyed(self, view: CaptureView) -> tuple[str | None, Mapping[str, Finding]]:
        def run() -> tuple[str | None, Mapping[str, Finding]]:
            reason = self.abstains(view)
            return (reason, {}) if reason else (None, self.survey(view))

        return view.memo((type(self), "survey"), run)

    def suspects(self, view: CaptureView) -> Collection[str]:
        return [brand for brand, finding in self._surveyed(view)[1].items() if finding.measure]

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        reason, findings = self._surveyed(view)
        if reason is not None:
            return self.abstention(brand, reason)
        found = findings.get(brand.id)
        if found is not None:
            return found
        return Finding(self.name, brand.id, 0.0, self._zero_sentence(brand))

    def _zero_sentence(self, brand: Brand) -> str:
        sentence = self.nothing.format(brand=brand.name)
        return sentence[0].upper() + sentence[1:] + "."

    def abstention(self, brand: Brand, reason: str, what: str = "look") -> Finding:
        """A finding that could not be made; ``reason`` is a clause."""
        return Finding(self.name, brand.id, None, f"Could not {what}: {reason}.", abstained=reason)

    def own_family(self, view: CaptureView) -> frozenset[str]:
        """Brands whose own page this is."""
        host = host_of(view.url)
        brand = self.library.owner_of(host) if host else None
        return self.library.family(brand.answer) if brand else frozenset()

    def display(self, brand: str) -> str:
        """The brand's name for sentences."""
        found = self.library.get(brand)
        return found.name if found else brand

    def finding(self, brand: str, measure: float, sentence: str, region: Box | None = None) -> Finding:
        """A measured finding, the measure clipped into [0, 1]; a region that a page lies about is left out."""
        shown = region if region is not None and all(abs(side) <= FARTHEST for side in region) else None
        return Finding(self.name, brand, round(min(1.0, max(0.0, measure)), 4), sentence, region=shown)


FARTHEST = 1e6
"""Pixels beyond which no box of a page is believed (nor is one that is no number)."""


def keep_stronger(findings: dict[str, Finding], finding: Finding) -> None:
    """Keep a brand's finding with the largest measure; of equal ones the first."""
    known = findings.get(finding.brand)
    if (finding.measure or 0.0) > ((known.measure or 0.0) if known else 0.0):
        findings[finding.brand] = finding


def share_between(value: float, low: float, high: float) -> float:
    """Where ``value`` lies between two limits, which may fall: 0 at ``low`` and before, 1 at ``high`` and beyond."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def noisy_or(parts: Iterable[float]) -> float:
    """1 - prod(1 - p): several weak reasons make a strong one, none makes it certain alone."""
    rest = 1.0
    for part in parts:
        rest *= 1.0 - min(1.0, max(0.0, part))
    return 1.0 - rest
