"""Findings become a verdict."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector.brands import BrandLibrary
from detector.config import DetectConfig
from detector.judge import Judge
from detector.model import Box, Brand, Capture, Decision, Finding, InputField, Outcome, PageFacts, StoredFile, Verdict
from detector.signals import CaptureView
from detector.signals.signal import Signal


@pytest.fixture
def library(tmp_path: Path) -> BrandLibrary:
    brands = []
    for brand_id, family in (("acme", ""), ("acme-mail", "acme"), ("zenith", "")):
        (tmp_path / brand_id).mkdir()
        brands.append(
            Brand(
                brand_id,
                brand_id.title(),
                (brand_id.title(),),
                (f"{brand_id}.test",),
                family=family,
                folder=str(tmp_path / brand_id),
            )
        )
    return BrandLibrary(brands)


def png(colour: tuple[int, int, int] = (255, 255, 255), noise: bool = False) -> bytes:
    pixels = np.full((80, 120, 3), colour, np.uint8)
    if noise:
        pixels[::2, ::3] = 0
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


SIGN_IN = PageFacts(
    title="Acme sign in",
    text="Acme\nEmail\nPassword\nSign in to your Acme account\n© 2026 Acme",
    inputs=(InputField("password", "p"),),
    url="https://other.test/",
)


def judged(
    library: BrandLibrary, facts: PageFacts | None, url: str = "https://other.test/", picture: bytes | None = None
) -> Verdict:
    stored = StoredFile("0" * 64, "image/png", len(picture)) if picture else None
    capture = Capture(url, Outcome.OK, final_url=url, facts=facts, screenshot=stored)
    return Judge(library).judge(capture, lambda: picture)


def test_clone_is_flagged_with_reasons(library: BrandLibrary) -> None:
    verdict = judged(library, SIGN_IN, picture=png(noise=True))
    assert (verdict.decision, verdict.brand) == (Decision.FLAGGED, "acme")
    assert verdict.probability is not None
    assert verdict.probability > 0.8
    assert "Acme" in verdict.sentence
    assert "password" in verdict.sentence
    signals = {finding.signal for finding in verdict.findings}
    assert {
        "title",
        "words",
        "copyright",
        "logo",
        "screenshot",
        "domain",
        "links",
        "hotlinks",
        "lure",
        "scareware",
    } <= signals


@pytest.mark.parametrize(
    "url", ["https://acme.test/login", "https://WWW.Acme.Test./login", "http://login.acme.test:8080/"]
)
def test_page_on_an_owned_domain_is_owned(library: BrandLibrary, url: str) -> None:
    verdict = judged(library, replace(SIGN_IN, url=url), url)
    assert (verdict.decision, verdict.brand) == (Decision.OWNED, "acme")


def test_a_lookalike_of_an_owned_domain_is_not_owned(library: BrandLibrary) -> None:
    assert judged(library, SIGN_IN, "https://acme.test.evil.test/").decision is Decision.FLAGGED


def test_nothing_seen_is_unseen_and_never_clear(library: BrandLibrary) -> None:
    capture = Capture("https://gone.test/", Outcome.TIMEOUT, note="no answer within 30 s")
    verdict = Judge(library).judge(capture, lambda: None)
    assert verdict.decision is Decision.UNSEEN
    assert verdict.probability is None
    assert "no answer within 30 s" in verdict.sentence


def test_blank_page_has_no_picture_to_compare(library: BrandLibrary) -> None:
    verdict = judged(library, PageFacts(url="https://other.test/"), picture=png())
    assert verdict.decision is Decision.UNSEEN
    named = judged(library, SIGN_IN, picture=png())
    pictures = [finding for finding in named.findings if finding.signal in {"logo", "screenshot"}]
    assert pictures
    assert all(finding.abstained and "blank" in finding.abstained for finding in pictures)


@pytest.mark.parametrize("data", [b"", b"not a picture", png(noise=True)[:60]], ids=["empty", "text", "truncated"])
def test_unreadable_picture_abstains_and_the_text_still_counts(library: BrandLibrary, data: bytes) -> None:
    verdict = judged(library, SIGN_IN, picture=data)
    assert verdict.decision is Decision.FLAGGED
    logo = next(finding for finding in verdict.findings if finding.signal == "logo")
    assert logo.measure is None
    assert logo.abstained


def test_a_page_that_asks_for_nothing_is_not_flagged(library: BrandLibrary) -> None:
    verdict = judged(library, replace(SIGN_IN, inputs=(), text="Acme\nWelcome to your Acme account\n© 2026 Acme"))
    assert verdict.decision in {Decision.CLEAR, Decision.REVIEW}


def test_abstaining_adds_nothing_and_measuring_zero_may_take_away(library: BrandLibrary) -> None:
    judge = Judge(library)
    abstained = Finding("copyright", "acme", None, "Not measured: no copyright line.", abstained="no copyright line")
    zero = Finding("copyright", "acme", 0.0, "The copyright line names another.")
    assert judge.contribution(abstained) == 0.0
    assert judge.contribution(zero) < 0.0


def found(signal: str, measure: float) -> Finding:
    return Finding(signal, "acme", measure, "A sentence.")


NAMED = [found("title", 0.6), found("words", 0.9), found("copyright", 1.0), found("lure", 1.0)]


def test_a_longer_name_discounts_what_names_prove(library: BrandLibrary) -> None:
    judge = Judge(library)
    assert judge.probability(NAMED) > 0.95
    assert judge.probability([*NAMED, found("namesake", 1.0)]) < 0.1
    assert judge.probability([*NAMED, found("namesake", 0.5)]) > judge.probability([*NAMED, found("namesake", 0.9)])
    assert judge.contribution(found("namesake", 1.0)) == 0.0


@pytest.mark.parametrize("looks", ["logo", "screenshot", "favicon", "hotlinks", "wording", "mirror", "links"])
def test_a_longer_name_does_not_clear_a_page_with_the_brands_looks(library: BrandLibrary, looks: str) -> None:
    judge = Judge(library)
    seen = [*NAMED, found(looks, 0.5)]
    assert judge.probability([*seen, found("namesake", 1.0)]) == judge.probability(seen)


def test_a_platform_discounts_its_banner_and_files(library: BrandLibrary) -> None:
    judge = Judge(library)
    badge = Finding("logo", "acme", 1.0, "A sentence.", region=Box(20, 700, 90, 24))
    seen = [found("words", 0.4), found("hotlinks", 0.9), found("favicon", 1.0), found("lure", 1.0), badge]
    assert judge.probability(seen) > 0.95
    assert judge.probability([*seen, found("platform", 1.0)]) < 0.1
    own = [*seen[:-1], replace(badge, region=Box(500, 60, 200, 80)), found("platform", 1.0)]
    assert judge.probability(own) > 0.95
    assert judge.probability([*seen, found("title", 1.0), found("screenshot", 0.9), found("platform", 1.0)]) > 0.95


def test_limits_of_the_decisions_come_from_the_configuration(library: BrandLibrary) -> None:
    capture = Capture("https://other.test/", Outcome.OK, final_url="https://other.test/", facts=SIGN_IN)
    strict = Judge(library, DetectConfig(flag_at=1.0, review_at=1.0)).judge(capture, lambda: None)
    assert strict.decision is Decision.CLEAR


class Oracle:
    """A signal from elsewhere that knows only ``look``."""

    name = "oracle"
    version = 7

    def __init__(self, library: BrandLibrary) -> None:
        self.library = library

    def suspects(self, view: CaptureView) -> list[str]:
        return ["zenith"]

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        return Finding(self.name, brand.id, 1.0 if brand.id == "zenith" else 0.0, "The oracle spoke.")


def test_signals_of_others_take_part(library: BrandLibrary) -> None:
    oracle: Signal = Oracle(library)
    judge = Judge(library, signals=[oracle])
    view = CaptureView(Capture("https://x.test/", Outcome.OK, facts=SIGN_IN), lambda: None)
    (suspicion,) = judge.suspicions(view)
    assert suspicion.brand == "zenith"
    assert judge.version.endswith("oracle7")
    assert 0.0 < suspicion.probability < 0.35
