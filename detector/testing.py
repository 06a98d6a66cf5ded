"""Contract tests for signals and takedown destinations that other packages add.

A package that announces a signal by the entry point group ``clonewatch.signals``, or a destination by ``clonewatch.sinks``, runs
the same tests as the built-in ones::

    from detector.testing import SignalContract, SinkContract

    class TestMySignal(SignalContract):
        def make(self, library):
            return MySignal(library)

    class TestMySink(SinkContract):
        def make(self):
            return MySink("http://127.0.0.1:8080/")
        ...

pytest collects the inherited tests.  Nothing here opens a connection or needs a browser; the library and the pages are made up.
"""

from __future__ import annotations

import hashlib
import io
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

import pytest
from PIL import Image, ImageDraw

from detector.brands import BrandLibrary
from detector.errors import EnvironmentFault
from detector.model import (
    Box,
    Brand,
    Capture,
    Case,
    CaseState,
    Decision,
    Finding,
    Form,
    ImageBox,
    InputField,
    Outcome,
    PageFacts,
    StoredFile,
    Verdict,
)
from detector.signals.capture_view import CaptureView
from detector.signals.signal import Signal
from detector.takedown.sinks import DraftFile, DueCase, TakedownSink

SIZE = (1280, 800)
"""Width and height in pixels of the made-up screenshots."""


def example_library() -> BrandLibrary:
    """Two made-up brands without logos or official pages."""
    return BrandLibrary(
        (
            Brand("ostrelin", "Ostrelin Bank", names=("Ostrelin Bank", "Ostrelin"), domains=("ostrelin.example",)),
            Brand("quillmark", "Quillmark", names=("Quillmark",), domains=("quillmark.example",)),
        )
    )


def example_capture(text: str = "", *, url: str = "https://login.example/", asks: bool = True) -> Capture:
    """A captured page that says ``text`` and, with ``asks``, has a sign-in form."""
    fields = (
        InputField(type="email", name="user", box=Box(500.0, 300.0, 280.0, 40.0)),
        InputField(type="password", name="secret", box=Box(500.0, 360.0, 280.0, 40.0)),
    )
    facts = PageFacts(
        title=text[:60],
        text=text,
        images=(ImageBox(tag="img", box=Box(500.0, 100.0, 280.0, 80.0), alt=text[:40], src=f"{url}logo.png"),),
        inputs=fields if asks else (),
        forms=(Form(action=f"{url}next", method="post"),) if asks else (),
    )
    return Capture(url=url, final_url=url, outcome=Outcome.OK, facts=facts)


def example_picture() -> bytes:
    """A PNG of a page with a headline and a button, 1280 x 800 pixels."""
    canvas = Image.new("RGB", SIZE, "white")
    drawn = ImageDraw.Draw(canvas)
    drawn.text((500, 120), "Sign in", fill="black", font_size=40)
    drawn.rectangle((500, 420, 780, 470), fill="navy")
    output = io.BytesIO()
    canvas.save(output, "PNG")
    return output.getvalue()


HOSTILE_TEXTS = (
    "",
    "\0\ud800\u202eOstrelin\u2066",
    "Ostrelin " * 5_000,
    "<script>alert(1)</script>{{7*7}}%s%n",
    "\u0301" * 2_000 + "Quillmark",
)
"""Texts of pages that want to break their reader."""


class SignalContract(ABC):
    """Tests that every signal passes; subclass it and say how the signal is made."""

    @abstractmethod
    def make(self, library: BrandLibrary) -> Signal:
        """Make the signal for a library, as ``clonewatch`` does."""

    @cached_property
    def library(self) -> BrandLibrary:
        """The brands that the signal is tried on."""
        return example_library()

    def views(self) -> list[CaptureView]:
        """Views the signal is tried on: with and without a picture, facts, a form, and with hostile text."""
        sign_in = example_capture("Ostrelin Bank: sign in to your account")
        return [
            CaptureView(sign_in, example_picture),
            CaptureView(sign_in, lambda: None),
            CaptureView(Capture(url="", outcome=Outcome.OK), example_picture),
            CaptureView(Capture(url="https://a.example/", outcome=Outcome.TIMEOUT), lambda: None),
            CaptureView(example_capture("A garden shop", asks=False), lambda: b"not a picture"),
            *(CaptureView(example_capture(text), lambda: None) for text in HOSTILE_TEXTS),
        ]

    def test_it_has_a_name_and_a_version(self) -> None:
        """Findings are stored under the name; the version says which measure they are of."""
        signal = self.make(self.library)
        assert signal.name.isidentifier(), signal.name
        assert signal.version >= 1

    def test_each_look_measures_or_abstains_with_a_reason(self) -> None:
        """A look gives a measure in [0, 1] and a sentence, or abstains with a reason; it never raises."""
        signal = self.make(self.library)
        for view in self.views():
            for brand in self.library:
                finding = signal.look(view, brand)
                assert (finding.signal, finding.brand) == (signal.name, brand.id)
                assert finding.sentence.strip(), "a finding without a sentence explains nothing"
                if finding.measure is None:
                    assert finding.abstained, "an abstention without a reason reads as clean"
                else:
                    assert 0.0 <= finding.measure <= 1.0
                    assert not finding.abstained

    def test_the_same_view_gives_the_same_finding(self) -> None:
        """Findings are evidence: measured again, they are the same."""
        brand = next(iter(self.library))
        signal, another = self.make(self.library), self.make(self.library)
        for first, second in zip(self.views(), self.views(), strict=True):
            assert signal.look(first, brand) == another.look(second, brand)

    def test_suspects_are_brands_of_the_library(self) -> None:
        """The judge asks for these brands first: ids that are unknown would be lost."""
        signal = self.make(self.library)
        known = {brand.id for brand in self.library}
        for view in self.views():
            assert set(signal.suspects(view)) <= known

    def test_a_page_without_picture_and_facts_is_never_clean(self) -> None:
        """A signal must abstain from a capture without picture and facts: what could not be measured is not "clean".

        A signal that reads the address alone may measure it.
        """
        signal = self.make(self.library)
        view = CaptureView(Capture(url="", outcome=Outcome.TIMEOUT), lambda: None)
        for brand in self.library:
            assert signal.look(view, brand).measure is None


def example_case(number: int = 1, *, title: str = "Ostrelin Bank: sign in") -> DueCase:
    """A flagged case of a made-up brand with its screenshot, as it comes to a destination."""
    brand = next(iter(example_library()))
    url = f"https://login{number}.example/"
    moment = datetime(2026, 3, 9, 12, tzinfo=UTC)
    picture = example_picture()
    shot = StoredFile(hashlib.sha256(picture).hexdigest(), "image/png", len(picture))
    seen = Capture(
        url=url,
        final_url=url,
        outcome=Outcome.OK,
        started=moment,
        screenshot=shot,
        facts=PageFacts(title=title, text=title),
    )
    said = f"The page's title is {title}."
    verdict = Verdict(Decision.FLAGGED, brand.id, 0.97, (Finding("title", brand.id, 0.9, said),), said)
    case = Case(number, f"login{number}.example", brand.id, CaseState.NEW, moment, moment, number, seen, verdict)
    return DueCase(case, brand, (DraftFile("screenshot", "desktop", shot, picture),), None, moment)


class SinkContract(ABC):
    """Tests that every takedown destination passes; subclass it and say how the sink is made and what the other side received.

    The destination is a real one on this machine, empty before each test.
    """

    @abstractmethod
    def make(self) -> TakedownSink:
        """Make the sink, as ``clonewatch`` does, for the destination of this test."""

    @abstractmethod
    def make_unusable(self) -> TakedownSink:
        """Make the sink for a destination that cannot be reached or written."""

    @abstractmethod
    def received(self) -> list[str]:
        """References of the reports that the destination holds, as it would show them, in the order of their arrival."""

    def test_its_name_can_stand_in_tables_and_on_a_command_line(self) -> None:
        """Deliveries are stored under the name and the target."""
        sink = self.make()
        assert sink.name.isidentifier()
        assert sink.target.isprintable()
        assert sink.target

    def test_preparing_sends_nothing_and_is_repeatable(self) -> None:
        """A draft can be shown to a person before anything leaves, and is what is then delivered."""
        first, again, other = (self.make().prepare(example_case(number)) for number in (1, 1, 2))
        assert first == again
        assert first.body
        assert first.reference != other.reference
        assert self.received() == []

    def test_a_delivery_arrives_and_gives_a_receipt(self) -> None:
        """The receipt's reference is the draft's: both sides mean the same case by it."""
        sink = self.make()
        drafts = [sink.prepare(example_case(number)) for number in (1, 2)]
        with sink.connect():
            receipts = [sink.deliver(draft) for draft in drafts]
        assert [receipt.reference for receipt in receipts] == [draft.reference for draft in drafts]
        assert self.received() == [draft.reference for draft in drafts]

    def test_a_second_delivery_makes_no_second_report(self) -> None:
        """A crash between delivery and store makes the next run deliver again: in the same connection or by a new process."""
        sink = self.make()
        draft = sink.prepare(example_case())
        with sink.connect():
            first = sink.deliver(draft)
            assert sink.deliver(draft).reference == first.reference
        later = self.make()
        with later.connect():
            assert later.deliver(later.prepare(example_case())).reference == first.reference
        assert self.received() == [draft.reference]

    def test_a_withdrawal_and_what_comes_after_it_are_reports_of_their_own(self) -> None:
        """A case that was dismissed is taken back, and one that is confirmed again is sent again: each number once."""
        sink = self.make()
        first = example_case()
        again = [first, replace(first, number=2, withdrawn="the brand's own page"), replace(first, number=3)]
        drafts = [sink.prepare(due) for due in again]
        assert len({draft.body for draft in drafts}) >= len(drafts) - 1, "a withdrawal must not read as a report"
        with sink.connect():
            for draft in (*drafts, *drafts):
                sink.deliver(draft)
        assert self.received() == [drafts[0].reference] * 3

    def test_hostile_text_arrives_as_text(self) -> None:
        """Titles and findings' sentences come from criminals: each still makes one report of its own."""
        sink = self.make()
        # what comes from the store holds no lone surrogates
        titles = [text.encode("utf-8", "replace").decode() for text in HOSTILE_TEXTS]
        drafts = [sink.prepare(example_case(number, title=title)) for number, title in enumerate(titles)]
        with sink.connect():
            for draft in drafts:
                sink.deliver(draft)
        assert self.received() == [draft.reference for draft in drafts]

    def test_a_destination_that_cannot_be_used_is_named(self) -> None:
        """Nothing is recorded as delivered, and the operator reads where and what to do."""
        sink = self.make_unusable()
        with pytest.raises(EnvironmentFault) as told, sink.connect():
            sink.deliver(sink.prepare(example_case()))
        assert len(str(told.value)) > len("failed")
