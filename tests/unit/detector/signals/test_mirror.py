"""Pages whose source says where they were copied from."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, Origin, Outcome, PageFacts
from detector.signals import View
from detector.signals.mirror import MirrorSignal


def look(library: BrandLibrary, *origins: Origin, url: str = "https://x.example/", brand: str = "paypal") -> Finding:
    facts = PageFacts(text="Log in", origins=origins, url=url)
    seen = View(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    return MirrorSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    ("mark", "measure", "sentence"),
    [
        ("HTTrack", 1.0, "The page's source says that it was copied from https://www.paypal.com/signin, by HTTrack."),
        (
            "saved from url",
            1.0,
            "The page's source says that it was copied from https://www.paypal.com/signin, as a browser saves pages.",
        ),
        ("canonical", 0.7, "The page's source names https://www.paypal.com/signin as its canonical address."),
        ("base", 0.7, "The page's source takes its links from https://www.paypal.com/signin."),
    ],
)
def test_marks(shipped_library: BrandLibrary, mark: str, measure: float, sentence: str) -> None:
    finding = look(shipped_library, Origin(mark, "https://www.paypal.com/signin"))
    assert (finding.measure, finding.sentence) == (measure, sentence)


def test_a_tools_mark_counts_more_than_an_address(shipped_library: BrandLibrary) -> None:
    finding = look(
        shipped_library,
        Origin("canonical", "https://www.paypal.com/"),
        Origin("SingleFile", "https://www.paypal.com/us/signin"),
    )
    assert finding.measure == 1.0
    assert finding.sentence.endswith("https://www.paypal.com/us/signin, by SingleFile.")


@pytest.mark.parametrize("url", ["https://x.example/a", "https://paypal.com.x.example/", "http://[::1", "data:,x", ""])
def test_addresses_that_are_nobodys(shipped_library: BrandLibrary, url: str) -> None:
    assert look(shipped_library, Origin("canonical", url)).measure == 0.0


def test_the_brands_own_page_is_no_copy(shipped_library: BrandLibrary) -> None:
    own = look(shipped_library, Origin("canonical", "https://www.paypal.com/"), url="https://www.paypal.com/us/home")
    assert own.measure == 0.0


def test_without_facts_it_abstains(shipped_library: BrandLibrary) -> None:
    seen = View(Capture("https://x.example/", Outcome.OK), lambda: None)
    finding = MirrorSignal(shipped_library).look(seen, shipped_library["paypal"])
    assert (finding.measure, finding.abstained) == (None, "the page's source is not known")
