"""Pages of which only a picture is known: its text is read and judged."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.model import Box, Capture, Decision, ImageBox, InputField, Outcome, PageFacts, StoredFile, Verdict
from detector.reading import LARGEST_TYPE, TextLine, find_tesseract
from detector.signals import CaptureView
from detector.signals.lure import LureSignal
from detector.signals.picture_text import facts_of, prominent, read_page
from detector.signals.title import TitleSignal
from detector.signals.words import WordsSignal

pytestmark = pytest.mark.skipif(find_tesseract() is None, reason="no tesseract here: make setup installs one")
Row = tuple[str, int]
"""Text, and its size in pixels."""
SIGN_IN: tuple[Row, ...] = (
    ("Netflix", 44),
    ("Sign in to Netflix", 30),
    ("Email or phone number", 18),
    ("Password", 18),
    ("Sign in", 18),
    ("Forgot your password? Contact our help centre at any time.", 16),
)
NEWS: tuple[Row, ...] = (
    ("The Daily Glimmer", 44),
    ("Streaming prices rise again", 30),
    ("Netflix said on Tuesday that its plans will cost two euros more from March.", 16),
    ("Readers told us that they watch less than they did a year ago.", 16),
    ("© 2026 The Daily Glimmer", 14),
)


def picture(rows: tuple[Row, ...]) -> bytes:
    image = Image.new("RGB", (1280, 800), "white")
    pen = ImageDraw.Draw(image)
    y = 60
    for text, size in rows:
        pen.text((420, y), text, fill=(20, 20, 20), font=ImageFont.load_default(size))
        y += round(2.4 * size) + 16
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def captured(data: bytes, facts: PageFacts | None = None) -> Capture:
    stored = StoredFile(hashlib.sha256(data).hexdigest(), "image/png", len(data))
    return Capture("https://x.example/", Outcome.OK, final_url="https://x.example/", screenshot=stored, facts=facts)


def judged(library: BrandLibrary, data: bytes, facts: PageFacts | None = None) -> Verdict:
    return Judge(library).judge(captured(data, facts), lambda: data)


def test_a_sign_in_page_is_recognised_in_its_picture(shipped_library: BrandLibrary) -> None:
    verdict = judged(shipped_library, picture(SIGN_IN))
    assert (verdict.decision, verdict.brand) == (Decision.FLAGGED, "netflix")
    assert "picture's largest lines name “Netflix”" in " ".join(finding.sentence for finding in verdict.findings)


def test_a_page_that_is_one_picture_is_read(shipped_library: BrandLibrary) -> None:
    facts = PageFacts(images=(ImageBox("", Box(0, 0, 1280, 800)),), url="https://x.example/")
    assert judged(shipped_library, picture(SIGN_IN), facts).brand == "netflix"


def test_news_about_a_brand_are_not_flagged(shipped_library: BrandLibrary) -> None:
    assert judged(shipped_library, picture(NEWS)).decision is not Decision.FLAGGED


def test_letters_in_a_picture_are_read_where_the_text_names_nobody(shipped_library: BrandLibrary) -> None:
    data = picture((("Netflix", 44), ("Please go on", 18)))
    facts = PageFacts(
        title="Welcome",
        text="Please go on and fill in the form below. We will be with you in a moment. Password",
        images=(ImageBox("", Box(400, 40, 300, 100)),),
        inputs=(InputField("password", "p"),),
        url="https://x.example/",
    )
    verdict = judged(shipped_library, data, facts)
    lettering = {finding.brand: finding for finding in verdict.findings if finding.signal == "lettering"}
    assert verdict.brand == "netflix"
    assert lettering["netflix"].measure is not None
    assert lettering["netflix"].measure > 0.8
    assert lettering["netflix"].region is not None


def test_nothing_to_read_is_said_and_not_taken_for_clean(shipped_library: BrandLibrary) -> None:
    assert read_page(None, "there is no screenshot").problem == "there is no screenshot"
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 400, 150), fill="red")
    out = io.BytesIO()
    image.save(out, "PNG")
    seen = CaptureView(captured(out.getvalue()), out.getvalue)
    for kind in (TitleSignal, WordsSignal, LureSignal):
        finding = kind(shipped_library).look(seen, shipped_library["netflix"])
        assert finding.measure is None
        assert "no text can be read in the picture" in (finding.abstained or "")


def test_a_wordmark_that_fills_the_page_is_read() -> None:
    image = Image.new("RGB", (1280, 800), "white")
    ImageDraw.Draw(image).text((40, 40), "twitch", fill="black", font=ImageFont.load_default(380))
    lines = read_page(np.asarray(image)).lines
    (name,) = [found for found in lines if found.text == "twitch"]
    assert name.box.height > LARGEST_TYPE
    assert name not in prominent(lines)


def line(text: str, height: float, y: float = 0.0) -> TextLine:
    return TextLine(text, Box(0, y, 10.0 * len(text), height))


def test_the_largest_lettering_is_the_name_and_icons_are_not() -> None:
    lines = [line("Acme", 40), line("» ® © ~", 60, 50), *(line("words of a page", 12, 100 + y) for y in range(9))]
    assert [found.text for found in prominent(lines)] == ["Acme"]
    assert prominent([]) == []


def test_labels_become_fields() -> None:
    facts = facts_of([line("Password", 14), line("E-Mail", 14), line("Password rules for our staff", 14)], PageFacts())
    assert [field.type for field in facts.inputs] == ["password", "text"]
