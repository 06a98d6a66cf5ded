"""Of several moments of one page the most suspicious is the one that counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from crawler.examine.inspection import CaptureInspector
from detector.brands import BrandLibrary
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Capture, Click, Decision, Outcome, PageFacts, Verdict
from detector.model.page import NOWHERE

CLICKED = (Click("Continue", NOWHERE, "http://a.example/b"),)


class TitleJudge:
    """Decides as the title of a page says."""

    library = BrandLibrary(())

    def judge(self, capture: Capture, *_: Any) -> Verdict:
        decision = Decision(capture.facts.title if capture.facts else "unseen")
        return Verdict(decision=decision, probability=0.0, sentence="")


def moment(decision: str) -> Capture:
    return Capture(url="http://a.example/", outcome=Outcome.OK, facts=PageFacts(title=decision))


@pytest.mark.parametrize(
    ("shown", "others", "counts"),
    [
        ("clear", [], "clear"),
        ("clear", ["flagged"], "flagged"),
        ("owned", ["clear", "flagged", "review"], "flagged"),
        ("flagged", ["clear", "review"], "flagged"),
        ("review", ["review"], "review"),
    ],
)
def test_the_most_suspicious_moment_counts(shown: str, others: list[str], counts: str) -> None:
    main = replace(moment(shown), clicks=CLICKED)

    async def inspect() -> Verdict:
        async with CaptureInspector(cast(Judge, TitleJudge()), Evidence("memory://moments")) as inspector:
            judged = await inspector.inspect(main, [moment(other) for other in others])
        assert judged.capture.clicks == CLICKED
        return judged.verdict

    assert asyncio.run(inspect()).decision == counts
