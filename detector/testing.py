"""Contract tests for signals that other packages add.

A package that announces a signal by the entry point group ``clonewatch.signals`` runs the same tests as the built-in ones::

    from detector.testing import SignalContract

    class TestMySignal(SignalContract):
        def make(self, library):
            return MySignal(library)

pytest collects the inherited tests.  Nothing here opens a connection or needs a browser; the library and the pages are made up.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from functools import cached_property

from PIL import Image, ImageDraw

from detector.brands import BrandLibrary
from detector.model import Box, Brand, Capture, Form, ImageBox, InputField, Outcome, PageFacts
from detector.signals.capture_view import CaptureView
from detector.signals.signal import Signal

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
        """Of a capture that holds nothing, a signal may say nothing: "could not look" is never "clean".

        A signal that reads the address alone may measure it.
        """
        signal = self.make(self.library)
        view = CaptureView(Capture(url="", outcome=Outcome.TIMEOUT), lambda: None)
        for brand in self.library:
            assert signal.look(view, brand).measure is None
