"""The judge: weigh the findings of all signals into one verdict on a capture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from detector import weights
from detector.brands import BrandLibrary
from detector.config import DetectConfig
from detector.frames import with_frames
from detector.hosts import host_of
from detector.limits import hiding, limits_sentence
from detector.model import Capture, Decision, Finding, Verdict
from detector.signals import CaptureView, PreparedSignal, Signal, load_signals

RUNNERS_UP = 3
"""Other suspected brands whose findings a verdict keeps."""
COPY = "screenshot"
"""Signal that shows a copy of the brand's own page."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One brand that a page may imitate."""

    brand: str
    probability: float
    findings: tuple[Finding, ...]


class Judge:
    """Judge captures against one brand library.  Not thread-safe."""

    def __init__(
        self, library: BrandLibrary, config: DetectConfig | None = None, signals: Sequence[Signal] | None = None
    ) -> None:
        self.library = library
        self.config = config or DetectConfig()
        self.signals = tuple(signals) if signals is not None else load_signals(library)
        self._weights = {weight.signal: weight for weight in weights.IDENTITY}
        self.version = f"{weights.VERSION}:" + ",".join(f"{s.name}{s.version}" for s in self.signals)

    def prepare(self) -> None:
        """Build or open the reference data of all signals, which the first judgement would do otherwise.

        Building takes a tenth of a second for each brand, once on a machine; opening takes hardly any time.

        Raises:
            EnvironmentFault: the installation is damaged.
        """
        for signal in self.signals:
            if isinstance(signal, PreparedSignal):
                signal.prepare()

    def judge(
        self,
        capture: Capture,
        read: Callable[[], bytes | None],
        read_icon: Callable[[], bytes | None] = lambda: None,
    ) -> Verdict:
        """Judge one capture; ``read`` returns the bytes of its screenshot, ``read_icon`` of its icon (None when there is none)."""
        if capture.facts is not None and capture.facts.frames:
            capture = replace(capture, facts=with_frames(capture.facts, self._is_service))
        return self.judge_view(CaptureView(capture, read, self.config.max_pixels, read_icon))

    def _is_service(self, address: str) -> bool:
        """Tell whether a frame is what a brand serves to the pages of others: a button to pay with, a form to sign in."""
        return self.library.owner_of_page(address) is not None

    def judge_view(self, view: CaptureView) -> Verdict:
        """Judge a capture for which a view was made already."""
        owner = self.library.owner_of_page(view.url)
        if owner is not None:
            sentence = f"The page is on {host_of(view.url)}, which belongs to {owner.name}."
            return Verdict(Decision.OWNED, owner.answer, 0.0, (), sentence, self.version)
        capture = view.capture
        if view.pixels is None and not _has_content(capture):
            reason = (capture.note or view.no_picture_reason).rstrip(".")
            sentence = f"Nothing of the page could be examined ({capture.outcome}): {reason}."
            return Verdict(Decision.UNSEEN, None, None, (), sentence, self.version)
        return self._with_limits(view, self._decide(view))

    def _with_limits(self, view: CaptureView, verdict: Verdict) -> Verdict:
        """Return the verdict on a page that is long, or of which not everything was read.

        What a visitor sees first is judged separately as well, and the stronger verdict counts.  A page that reached a limit which
        may hide something is not called clear.
        """
        facts = view.facts
        if facts is None or not (facts.view_text is not None or facts.limits_reached):
            return verdict
        hidden = hiding(facts)
        if facts.view_text is not None or hidden:
            verdict = max(verdict, self._decide(view.of_first_screen()), key=lambda one: one.probability or 0.0)
        decision = Decision.REVIEW if hidden and verdict.decision is Decision.CLEAR else verdict.decision
        return replace(verdict, decision=decision, sentence=f"{verdict.sentence} {limits_sentence(facts)}".strip())

    def suspicions(self, view: CaptureView) -> list[Suspicion]:
        """Collect every suspected brand with the findings of all signals, the most probable first."""
        suspects = dict.fromkeys(brand for signal in self.signals for brand in signal.suspects(view))
        framing = self.library.framing_family(view.url)
        judged = []
        for brand_id in suspects:
            brand = self.library.get(brand_id)
            if brand is not None and brand.id not in framing:
                findings = tuple(signal.look(view, brand) for signal in self.signals)
                judged.append(Suspicion(brand_id, self.probability(findings), findings))
        return sorted(judged, key=lambda suspicion: (-suspicion.probability, suspicion.brand))

    def _decide(self, view: CaptureView) -> Verdict:
        judged = self.suspicions(view)
        if not judged:
            return Verdict(Decision.CLEAR, None, 0.0, (), "No sign of any known brand was found.", self.version)
        first = judged[0]
        others = [
            f for s in judged[1 : 1 + RUNNERS_UP] for f in s.findings if f.measure and f.signal not in weights.INTENT
        ]
        decision = self._decision(first.probability)
        sentence = self._sentence(decision, first.brand, first.findings)
        findings = (*first.findings, *others)
        return Verdict(decision, first.brand, round(first.probability, 4), findings, sentence, self.version)

    def probability(self, findings: Sequence[Finding]) -> float:
        """Probability, in [0, 1], that a page with these findings impersonates the brand that they are about."""
        log_odds = weights.BASE + sum(self.contributions(findings))
        return self._intent(findings) / (1.0 + math.exp(-log_odds))

    def contributions(self, findings: Sequence[Finding]) -> list[float]:
        """Log-odds that each finding adds, less what belongs to somebody else (:func:`weights.kept_shares`)."""
        return [
            odds * kept if (odds := self.contribution(finding)) > 0.0 else odds
            for finding, kept in zip(findings, weights.kept_shares(findings), strict=True)
        ]

    def contribution(self, finding: Finding) -> float:
        """Log-odds that a finding adds to the brand's identity by itself."""
        if finding.measure is None or finding.signal in weights.NO_WEIGHT:
            return 0.0
        weight = self._weights.get(finding.signal, weights.UNKNOWN_SIGNAL)
        return weight.absent + finding.measure * (weight.present - weight.absent)

    @staticmethod
    def _intent(findings: Sequence[Finding]) -> float:
        by_name = {finding.signal: finding.measure for finding in findings}
        wants = [measure for name in weights.INTENT if (measure := by_name.get(name)) is not None]
        none = weights.INTENT_NONE + (by_name.get(weights.EXCUSE) or 0.0) * (
            weights.INTENT_EXCUSED - weights.INTENT_NONE
        )
        intent = none + max(wants) * (weights.INTENT_FULL - none) if wants else weights.INTENT_UNKNOWN
        return max(intent, weights.INTENT_OF_A_COPY * (by_name.get(COPY) or 0.0))

    def _decision(self, probability: float) -> Decision:
        if probability >= self.config.flag_at:
            return Decision.FLAGGED
        return Decision.REVIEW if probability >= self.config.review_at else Decision.CLEAR

    def _sentence(self, decision: Decision, brand_id: str, findings: Sequence[Finding]) -> str:
        brand = self.library.get(brand_id)
        name = brand.name if brand else brand_id
        if decision is Decision.CLEAR:
            return f"There is too little evidence that the page imitates {name}."
        reasons = sorted((f for f in findings if self.contribution(f) > 0.3), key=self.contribution, reverse=True)[:2]
        wants = [f for f in findings if f.signal in weights.INTENT and f.measure]
        lure = sorted(wants, key=lambda finding: -(finding.measure or 0.0))[:1]
        said = " ".join(finding.sentence for finding in [*reasons, *lure])
        start = "Imitates" if decision is Decision.FLAGGED else "May imitate"
        return f"{start} {name}. {said}".strip()


def _has_content(capture: Capture) -> bool:
    facts = capture.facts
    # a title alone is not enough: a page that hangs, or shows nothing yet, has not been seen
    return facts is not None and bool(facts.text.strip() or facts.images or facts.inputs)
