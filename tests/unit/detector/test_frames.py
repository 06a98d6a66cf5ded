"""The facts of a page with those of its frames: what counts, where it stands, and what is left out."""

from __future__ import annotations

from detector.frames import LEAST_SHARE, with_frames
from detector.judge import Judge
from detector.limits import FIRST_SCREEN
from detector.model import Box, Capture, Decision, Form, FrameFacts, ImageBox, InputField, Outcome, PageFacts
from detector.testing import example_library

SIGN_IN = PageFacts(
    text="Sign in",
    url="https://frame.example/",
    inputs=(InputField("password", box=Box(5, 6, 100, 20)),),
    forms=(Form("https://frame.example/p", "post"),),
    images=(ImageBox("img", Box(1, 2, 30, 30)),),
    links=("https://frame.example/help",),
)
PAGE = PageFacts(title="Welcome", text="Welcome", links=("https://a.example/",))


LARGE = Box(10, 20, 800, 600)


def framed(facts: PageFacts, box: Box = LARGE) -> PageFacts:
    return PageFacts(title=PAGE.title, text=PAGE.text, links=PAGE.links, frames=(FrameFacts(facts.url, box, facts),))


def test_a_page_without_frames_is_the_same() -> None:
    assert with_frames(PAGE) is PAGE


def test_a_frame_counts_as_the_pages_and_stands_at_its_place() -> None:
    whole = with_frames(framed(SIGN_IN))
    assert (whole.title, whole.text) == ("Welcome", "Welcome\nSign in")
    assert whole.inputs == (InputField("password", box=Box(15, 26, 100, 20)),)
    assert whole.images == (ImageBox("img", Box(11, 22, 30, 30)),)
    assert whole.forms == SIGN_IN.forms
    assert whole.links == ("https://a.example/", "https://frame.example/help")
    assert whole.frames == ()


def test_frames_in_frames_stand_at_their_places() -> None:
    whole = with_frames(framed(framed(SIGN_IN, Box(100, 200, 400, 300))))
    assert whole.inputs[0].box == Box(115, 226, 100, 20)
    assert whole.text == "Welcome\nWelcome\nSign in"


def test_a_small_frame_without_fields_is_not_the_pages() -> None:
    width, height = FIRST_SCREEN
    advertisement = PageFacts(text="Buy now", url="https://ads.example/")
    small = Box(0, 0, 300, LEAST_SHARE * width * height / 300 - 1)
    assert with_frames(framed(advertisement, small)).text == "Welcome"
    assert with_frames(framed(advertisement, small._replace(height=small.height + 1))).text == "Welcome\nBuy now"
    assert with_frames(framed(SIGN_IN, small)).text == "Welcome\nSign in"


def test_a_frame_that_is_passed_over_leaves_nothing() -> None:
    whole = with_frames(framed(SIGN_IN), lambda address: address == SIGN_IN.url)
    assert (whole.text, whole.inputs, whole.forms) == ("Welcome", (), ())


def test_limits_and_views_of_frames_are_the_pages() -> None:
    long = PageFacts(text="long text", view_text="first screen", limits_reached=("text",), unseen_text=3)
    whole = with_frames(framed(long))
    assert (whole.view_text, whole.limits_reached, whole.unseen_text) == ("Welcome\nfirst screen", ("text",), 3)


def test_what_a_brand_serves_to_others_in_a_frame_is_context() -> None:
    library = example_library()
    brand = next(iter(library))
    asks = f"Sign in to your {brand.name} account\n{brand.name}\n© {brand.name}"
    served, clone = (
        framed(PageFacts(text=asks, url=f"https://{host}/", inputs=SIGN_IN.inputs))
        for host in (f"pay.{brand.domains[0]}", "elsewhere.example")
    )
    judge = Judge(library)

    def verdict(facts: PageFacts) -> Decision:
        return judge.judge(Capture("https://shop.example/", Outcome.OK, facts=facts), lambda: None).decision

    assert verdict(served) is Decision.CLEAR
    assert verdict(clone) in {Decision.FLAGGED, Decision.REVIEW}
