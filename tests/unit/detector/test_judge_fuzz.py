"""Random pages, pictures and logos: always a verdict, which names what could not be measured, and never an exception."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from detector.brands import BrandLibrary, render_logo
from detector.errors import BrandFileError
from detector.judge import Judge
from detector.model import (
    Box,
    Capture,
    Decision,
    Form,
    ImageBox,
    InputField,
    Logo,
    Origin,
    Outcome,
    PageFacts,
    StoredFile,
    Verdict,
)

pytestmark = [pytest.mark.ordeal, pytest.mark.heavy]

MANY = settings(max_examples=3500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SOME = settings(MANY, max_examples=1500)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
WORDS = "Sign in to your PayPal account to go on. We ask for the password once a month, on this device and on others. © 2026 Acme"
HOSTILE = (
    *("\x00", "\u202e", "\ud83d\udca9", "Pay\u200bPal", "P\u0430yPal", "<script>", "\n" * 50, "©" * 50, "a" * 5000),
    *("://[", "%00", "data:,", "http://[", "https://[::1", "https://x.example:99999999/", "http://[" + "a" * 3000),
)
texts = st.one_of(
    st.text(max_size=60), st.sampled_from(HOSTILE), st.sampled_from((WORDS, "PayPal", "Log in | Netflix"))
)
numbers = st.one_of(st.floats(), st.sampled_from((0.0, -1.0, 1e9, -1e9, 1e308)), st.floats(-50, 1400))
boxes = st.builds(Box, numbers, numbers, numbers, numbers)
all_facts = st.builds(
    PageFacts,
    title=texts,
    text=st.lists(texts, max_size=6).map("\n".join),
    images=st.lists(st.builds(ImageBox, st.sampled_from(("img", "svg", "")), boxes, texts, texts), max_size=6).map(
        tuple
    ),
    inputs=st.lists(
        st.builds(InputField, st.sampled_from(("text", "password", "hidden", "\x00")), texts, texts, boxes), max_size=4
    ).map(tuple),
    forms=st.lists(st.builds(Form, texts, st.sampled_from(("get", "post", ""))), max_size=3).map(tuple),
    links=st.lists(texts, max_size=5).map(tuple),
    icons=st.lists(texts, max_size=3).map(tuple),
    resources=st.lists(texts, max_size=5).map(tuple),
    origins=st.lists(st.builds(Origin, st.sampled_from(("canonical", "HTTrack", "")), texts), max_size=3).map(tuple),
    structure=st.lists(st.integers(), max_size=70).map(tuple),
    url=st.one_of(texts, st.sampled_from(("https://x.example/", "http://[::1", "https://xn--pypal-4ve.example/"))),
)
cuts = st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 3))


@cache
def picture(kind: str) -> bytes:
    image = Image.new("RGB", (240, 150), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((20, 20, 70, 70), fill=(0, 90, 200))
    pen.rectangle((20, 90, 180, 100), outline="black")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def mutated(data: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """At a share of the length some bytes are replaced, inserted or cut out, or the rest is cut off."""
    for share, new, manner in changes:
        at = int(share * len(data))
        keep = (at + len(new), at, at + 7, len(data))[manner]
        data = data[:at] + new + data[keep:]
    return data


def judged(judge: Judge, facts: PageFacts | None, data: bytes | None) -> Verdict:
    stored = StoredFile(hashlib.sha256(data).hexdigest(), "image/png", len(data)) if data else None
    url = facts.url if facts else "https://x.example/"
    return judge.judge(
        Capture(url, Outcome.OK, final_url=url, facts=facts, screenshot=stored), lambda: data, lambda: data
    )


def holds(verdict: Verdict) -> None:
    assert verdict.decision in Decision
    assert verdict.sentence
    for finding in verdict.findings:
        assert (finding.measure is None) is bool(finding.abstained), finding
        if finding.measure is not None:
            assert 0.0 <= finding.measure <= 1.0, finding
        if finding.region is not None:
            assert all(math.isfinite(side) for side in finding.region), finding


@pytest.fixture(scope="module")
def judge(shipped_library: BrandLibrary) -> Judge:
    return Judge(shipped_library)


@MANY
@given(all_facts)
def test_facts_that_lie(judge: Judge, facts: PageFacts) -> None:
    holds(judged(judge, facts, None))


@SOME
@given(all_facts, st.sampled_from(FORMATS))
def test_facts_that_lie_about_a_picture(judge: Judge, facts: PageFacts, kind: str) -> None:
    holds(judged(judge, replace(facts, text=f"{WORDS}\n{facts.text}"), picture(kind)))


@MANY
@given(st.sampled_from(FORMATS), st.lists(cuts, min_size=1, max_size=4))
def test_damaged_pictures(judge: Judge, kind: str, changes: list[tuple[float, bytes, int]]) -> None:
    data = mutated(picture(kind), changes)
    verdict = judged(judge, PageFacts(title="PayPal", text=WORDS, url="https://x.example/"), data)
    holds(verdict)
    logo = next(finding for finding in verdict.findings if finding.signal == "logo")
    assert logo.measure is not None or logo.abstained
    if verdict.decision is Decision.CLEAR:
        assert logo.measure is not None


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><defs><linearGradient id="a"><stop offset="0"/></linearGradient>'
    '<mask id="m"><rect width="9" height="9" fill="#fff"/></mask></defs><g mask="url(#m)"><path d="M0 0H20V9z" fill="url(#a)"/></g>'
    '<use href="#m"/><circle r="4" cx="30" cy="10"/></svg>'
)


@SOME
@given(st.lists(cuts, min_size=1, max_size=5), st.booleans())
def test_damaged_logos(logos: Path, changes: list[tuple[float, bytes, int]], svg: bool) -> None:
    path = logos / ("logo.svg" if svg else "logo.png")
    path.write_bytes(mutated(SVG.encode() if svg else picture("PNG"), changes))
    try:
        drawn = render_logo(Logo(path=str(path)), 64)
    except BrandFileError:
        return
    assert drawn.mode == "RGBA"
    assert max(drawn.size) <= 64


@pytest.fixture(scope="module")
def logos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logos")
