"""Each shipped brand is recognised on the plainest sign-in page that names it."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.model import Capture, Decision, InputField, Outcome, PageFacts

TITLES = ("{name}", "Login | {name}", "Sign in to {name}", "{name} - Log In", "Log in to your {name} account")
TEXTS = ("{name}\nUsername\nPassword\nSign in\n", "Log in\nEmail\nPassword\nForgot?\n© 2019 {name}")


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("text", TEXTS, ids=["heading", "copyright"])
def test_brand_is_recognised_by_its_name(shipped_library: BrandLibrary, title: str, text: str) -> None:
    judge = Judge(shipped_library)
    wrong = {}
    for brand in shipped_library:
        facts = PageFacts(
            title=title.format(name=brand.name),
            text=text.format(name=brand.name),
            inputs=(InputField("password", "p"),),
            url="https://x.example/",
        )
        verdict = judge.judge(Capture(facts.url, Outcome.OK, final_url=facts.url, facts=facts), lambda: None)
        if verdict.brand != brand.answer or verdict.decision not in {Decision.FLAGGED, Decision.REVIEW}:
            wrong[brand.id] = (verdict.decision, verdict.brand, verdict.probability)
    assert wrong == {}


def test_every_brand_owns_its_sign_in_pages(shipped_library: BrandLibrary) -> None:
    judge = Judge(shipped_library)
    suspected = {}
    for brand in shipped_library:
        for url in brand.signin_urls:
            verdict = judge.judge(
                Capture(url, Outcome.OK, final_url=url, facts=PageFacts(text="Sign in")), lambda: None
            )
            if verdict.decision is not Decision.OWNED:
                suspected[url] = verdict.decision
    assert suspected == {}
