"""The interface of signals, and the base of those that examine a capture once for all brands."""

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
        """Ids of the brands that this signal suspects the capture of imitating."""
        ...

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        """Measure, or abstain with a reason.  Never raises for anything a page contains."""
        ...


@runtime_checkable
class PreparedSignal(Protocol):
    """A signal that has to build or open reference data before it can compare."""

    def prepare(self) -> None:
        """Build or open the reference data now rather than at the first capture."""
        ...


class SurveySignal(ABC):
    """Base of signals that examine a view once for all brands, and keep the result in the view."""

    name: str
    version: int
    nothing: str = "nothing of {brand} was found"
    """Clause for a measure of 0, as the sentence of the finding."""

    def __init__(self, library: BrandLibrary) -> None:
        self.library = library

    @abstractmethod
    def abstains(self, view: CaptureView) -> str | None:
        """The reason why this view cannot be examined, as a clause; None when it can."""

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

    def abstention(self, brand: Brand, reason: str) -> Finding:
        """Make a finding that abstains; ``reason`` is a clause."""
        return Finding(self.name, brand.id, None, not_measured(reason), abstained=reason)

    def own_family(self, view: CaptureView) -> frozenset[str]:
        """Ids of the brands that own the page, and of their families."""
        host = host_of(view.url)
        brand = self.library.owner_of(host) if host else None
        return self.library.family(brand.answer) if brand else frozenset()

    def display(self, brand: str) -> str:
        """The brand's name, for sentences."""
        found = self.library.get(brand)
        return found.name if found else brand

    def finding(self, brand: str, measure: float, sentence: str, region: Box | None = None) -> Finding:
        """Make a finding, with the measure clipped to [0, 1]; a region that cannot be true is left out."""
        shown = region if region is not None and all(abs(side) <= FARTHEST for side in region) else None
        return Finding(self.name, brand, round(min(1.0, max(0.0, measure)), 4), sentence, region=shown)


def not_measured(reason: str) -> str:
    """Return the sentence of a finding that abstains; ``reason`` is a clause."""
    return f"Not measured: {reason}."


FARTHEST = 1e6
"""Pixels beyond which the box of an element is not believed (nor is one that is not a number)."""


def keep_stronger(findings: dict[str, Finding], finding: Finding) -> None:
    """Keep the finding of a brand with the largest measure; of equal ones the first."""
    known = findings.get(finding.brand)
    if (finding.measure or 0.0) > ((known.measure or 0.0) if known else 0.0):
        findings[finding.brand] = finding


def share_between(value: float, low: float, high: float) -> float:
    """Scale ``value`` to [0, 1]: 0 at ``low``, 1 at ``high``, clipped beyond; ``low`` may be the larger one."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def listed(parts: list[str]) -> str:
    """Join with commas and "and": ``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def noisy_or(parts: Iterable[float]) -> float:
    """Combine probabilities as independent causes, 1 - prod(1 - p) (noisy-OR, Pearl 1988): weak reasons add up."""
    rest = 1.0
    for part in parts:
        rest *= 1.0 - min(1.0, max(0.0, part))
    return 1.0 - rest
