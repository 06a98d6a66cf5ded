"""What a judge's process does with a page that its judge cannot take."""

from __future__ import annotations

import pytest

from crawler.probe import pool
from crawler.probe.answer import Answer, Look, Shown


class Stumbling:
    """A judge with a mistake in it."""

    def look(self, answer: Answer) -> Look:
        raise RecursionError(answer.url)


def test_a_page_that_the_judge_stumbles_over_is_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_judge", Stumbling())
    look = pool._look(Answer("http://a.example/", "http://a.example/", 200, "text/html", b"<p>x"))
    assert (look.shown, look.sent) == (Shown.NOTHING, False)
    assert look.remark == "it could not be judged (RecursionError)"
