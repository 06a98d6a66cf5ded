"""Pages whose source names the address that they were copied from."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, Origin, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.mirror import MirrorSignal


def look(library: BrandLibrary, *origins: Origin, url: str = "https://x.example/", brand: str = "paypal") -> Finding:
    facts = PageFacts(text="Log in", origins=origins, url=url)
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    return MirrorSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    ("mark", "measure", "sentence"),
    [
        ("HTTrack", 1.0, "The page's source says that it was copied from https://www.paypal.com/signin, by HTTrack."),
        (
            "saved from url",
            1.0,
            "The page's source says that it was copied from https://www.paypal.com/signin, by saving it in a browser.",
        ),
        ("canonical", 0.7, "The page's source gives https://www.paypal.com/signin as its canonical address."),
        ("base", 0.7, "The page's source gives https://www.paypal.com/signin as the base of its relative addresses."),
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
    seen = CaptureView(Capture("https://x.example/", Outcome.OK), lambda: None)
    finding = MirrorSignal(shipped_library).look(seen, shipped_library["paypal"])
    assert (finding.measure, finding.abstained) == (None, "the page's source is not known")


def from_files(
    library: BrandLibrary, *resources: str, url: str = "https://x.example/", brand: str = "paypal"
) -> Finding:
    facts = PageFacts(text="Log in", resources=resources, url=url)
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    return MirrorSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/www.paypal.com/auth/app.css",
        "https://x.example/login/www.paypalobjects.com/js/lib.js@v=3",
        "https://x.example/www.paypal.com/app.css%3Fv=1.css",
    ],
)
def test_folders_named_after_the_brands_servers(shipped_library: BrandLibrary, address: str) -> None:
    finding = from_files(shipped_library, address)
    assert finding.measure == 0.9
    assert finding.sentence.endswith("as wget and HTTrack name the folders of copied sites.")


@pytest.mark.parametrize("folder", ["Log%20in%20to%20your%20PayPal%20account_files", "PayPal_Dateien".lower()])
def test_folders_of_saved_pages(shipped_library: BrandLibrary, folder: str) -> None:
    finding = from_files(shipped_library, f"https://x.example/a/{folder}/main.js")
    assert finding.measure == 0.6
    assert "as browsers name the folder of a saved page" in finding.sentence


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/www.paypal.com/app.css",
        "https://x.example/logos/www.paypal.com/icon.png",
        "https://x.example/www.paypal.com.js",
        "https://x.example/paypal.com.x.example/app.css",
        "https://x.example/web/2026cs_/https://www.paypal.com/app.css",
        "https://x.example/_files/app.css",
        "https://x.example/My%20garden_files/app.css",
        "http://[::1/www.paypal.com/app.css",
    ],
)
def test_folders_that_say_nothing(shipped_library: BrandLibrary, address: str) -> None:
    assert from_files(shipped_library, address).measure == 0.0
    own = "https://www.paypal.com/www.paypal.com/app.css"
    assert from_files(shipped_library, own, url="https://www.paypal.com/").measure == 0.0
