"""The contract of signals, held by every built-in one and by one that comes by entry point, and failed by bad ones."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import detector.signals
from detector.brands import BrandLibrary
from detector.model import Brand, Finding
from detector.signals import BUILT_IN, CaptureView, Signal, load_signals
from detector.testing import SignalContract, example_library


class EmailSignal:
    """Says whether the page asks for a mail address: what a third party could add."""

    name, version = "asks_for_email", 1

    def __init__(self, library: BrandLibrary) -> None:
        self.library = library

    def suspects(self, view: CaptureView) -> list[str]:
        """It speaks for no brand by itself."""
        return []

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        """Measure 1 where a field of type ``email`` stands on the page."""
        if view.facts is None:
            return Finding(self.name, brand.id, None, "Not measured: no facts.", abstained="no facts")
        asks = any(field.type == "email" for field in view.facts.inputs)
        return Finding(
            self.name, brand.id, float(asks), "The page asks for a mail address." if asks else "It does not."
        )


@pytest.fixture(params=BUILT_IN, ids=lambda kind: kind.__name__)
def built_in(request: pytest.FixtureRequest) -> type[Signal]:
    """Each built-in signal's class."""
    kind: type[Signal] = request.param
    return kind


@pytest.mark.parametrize("name", [name for name in vars(SignalContract) if name.startswith("test_")])
def test_every_built_in_signal_keeps_the_contract(built_in: type[Signal], name: str) -> None:
    getattr(contract_of(built_in), name)()


class TestSignalOfAnotherPackage(SignalContract):
    """The code of a third party, word for word: the inherited tests are collected and run."""

    @pytest.fixture(autouse=True)
    def _announced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entry = EntryPoint("asks_for_email", f"{__name__}:EmailSignal", "clonewatch.signals")
        monkeypatch.setattr(EntryPoint, "load", lambda _: EmailSignal)
        monkeypatch.setattr(detector.signals, "entry_points", lambda group: [entry])

    def make(self, library: BrandLibrary) -> Signal:
        """As clonewatch makes it: found by its entry point."""
        return next(signal for signal in load_signals(library) if signal.name == "asks_for_email")


class _Broken(EmailSignal):
    """Breaks the contract in the way that ``fault`` says."""

    fault = ""

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        measure = {"too large": 1.5, "no reason": None, "clean": 0.0}.get(self.fault, 0.0)
        if self.fault == "raises" and view.facts is None:
            raise ValueError("no facts")
        return Finding(self.name, brand.id, measure, "" if self.fault == "mute" else "It says something.")

    def suspects(self, view: CaptureView) -> list[str]:
        return ["nobody"] if self.fault == "stranger" else []


@pytest.mark.parametrize(
    ("fault", "found_by"),
    [
        ("too large", "test_each_look_measures_or_abstains_with_a_reason"),
        ("no reason", "test_each_look_measures_or_abstains_with_a_reason"),
        ("mute", "test_each_look_measures_or_abstains_with_a_reason"),
        ("raises", "test_each_look_measures_or_abstains_with_a_reason"),
        ("stranger", "test_suspects_are_brands_of_the_library"),
        ("clean", "test_a_page_without_picture_and_facts_is_never_clean"),
    ],
)
def test_a_signal_that_breaks_the_contract_fails(fault: str, found_by: str) -> None:
    kind = type("Broken", (_Broken,), {"fault": fault})
    with pytest.raises((AssertionError, ValueError)):
        getattr(contract_of(kind), found_by)()


def contract_of(kind: type[Signal]) -> SignalContract:
    """The contract's tests for a signal's class."""

    class Contract(SignalContract):
        def make(self, library: BrandLibrary) -> Signal:
            return kind(library)  # type: ignore[call-arg]

    return Contract()


def test_the_examples_are_what_the_contract_needs() -> None:
    assert [brand.id for brand in example_library()] == ["ostrelin", "quillmark"]
