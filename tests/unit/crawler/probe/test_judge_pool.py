"""A judge's process outlives, or reports, a page that its judge cannot take."""

from __future__ import annotations

import pytest

from crawler.probe import judge_process
from crawler.probe.judge_messages import SEND, FrontPageAnswer, FrontPageFinding, FrontPageKind


class Stumbling:
    """A judge that fails on every page."""

    def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        raise RecursionError(answer.url)


def test_a_page_that_the_judge_stumbles_over_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_process, "_judge", Stumbling())
    finding = judge_process._judge_page(
        FrontPageAnswer("http://a.example/", "http://a.example/", 200, "text/html", b"<p>x")
    )
    assert (finding.shown, finding.score, finding.sent) == (FrontPageKind.PAGE, SEND, True)
    assert finding.reasons == ("Without a browser it could not be judged: the judge failed with RecursionError.",)
