"""Limits that a page reached are named in the verdict, and such a page is never called clear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.limits import HARMLESS, excerpt, hiding, limits_sentence, readable_share, spread, windows
from detector.model import (
    Box,
    Brand,
    Capture,
    Decision,
    Form,
    InputField,
    Outcome,
    PageFacts,
    Verdict,
    from_json,
    to_json,
)

WORDS = "Our garden club meets on the first Monday of the month. Bring seeds, tools and a cake. "
CLONE = PageFacts(
    title="Acme sign in",
    text="Acme\nEmail\nPassword\nSign in to your Acme account\n© 2026 Acme",
    inputs=(InputField("password", "p", box=Box(100, 100, 200, 30)),),
    url="https://other.test/",
)
GARDEN = PageFacts(title="Garden club", text=WORDS * 20, url="https://garden.test/")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(BrandLibrary([Brand("acme", "Acme", ("Acme",), ("acme.test",))]))


def judged(judge: Judge, facts: PageFacts) -> Verdict:
    return judge.judge(Capture(facts.url, Outcome.OK, final_url=facts.url, facts=facts), lambda: None)


def test_a_page_that_reached_a_limit_is_not_called_clear(judge: Judge) -> None:
    assert judged(judge, GARDEN).decision is Decision.CLEAR
    verdict = judged(judge, GARDEN.reaching("fields").reaching("text"))
    assert verdict.decision is Decision.REVIEW
    assert verdict.sentence.endswith("The page reached the limits of fields and text: not everything on it was read.")


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_a_limit_of_what_no_clone_needs_is_said_and_changes_nothing(judge: Judge, name: str) -> None:
    verdict = judged(judge, GARDEN.reaching(name))
    assert verdict.decision is Decision.CLEAR
    assert f"the limit of {name}" in verdict.sentence


def test_a_flagged_page_stays_flagged_and_says_so(judge: Judge) -> None:
    plain, limited = judged(judge, CLONE), judged(judge, CLONE.reaching("pictures"))
    assert (plain.decision, limited.decision) == (Decision.FLAGGED, Decision.FLAGGED)
    assert limited.brand == plain.brand
    assert "the limit of pictures" in limited.sentence
    assert "limit" not in plain.sentence


def test_a_long_text_is_judged_by_its_first_screen_too(judge: Judge) -> None:
    ballast = WORDS * 800
    buried = replace(CLONE, title="Sign in", text=f"{ballast}\n{CLONE.text}\n{ballast * 3}")
    assert judged(judge, buried).decision is Decision.CLEAR
    seen_first = judged(judge, replace(buried, view_text=CLONE.text))
    assert (seen_first.decision, seen_first.brand) == (Decision.FLAGGED, "acme")


def test_fields_below_the_first_screen_do_not_hide_those_on_it(judge: Judge) -> None:
    step = PageFacts(
        title="Acme",
        text="Acme\nSign in to your Acme account\n© 2026 Acme",
        inputs=(InputField("email", "login", box=Box(100, 100, 200, 30)),),
        url="https://other.test/",
    )
    below = tuple(InputField("text", f"f{n}", box=Box(0, 3000 + n, 200, 30)) for n in range(199))
    plain, loaded = judged(judge, step), judged(judge, replace(step, inputs=(*step.inputs, *below)).reaching("fields"))
    assert loaded.probability == plain.probability
    assert loaded.decision is plain.decision


def test_facts_of_before_are_read_as_they_were() -> None:
    known = from_json(b'{"title": "x", "text": "y"}', PageFacts)
    assert (known.limits_reached, known.unseen_text, known.view_text) == ((), 0, None)
    assert from_json(to_json(CLONE.reaching("text")), PageFacts).limits_reached == ("text",)
    assert hiding(None) == ()
    assert limits_sentence(None) == limits_sentence(CLONE) == ""


def test_what_a_page_lies_about_its_limits_is_bounded() -> None:
    facts = PageFacts(limits_reached=tuple("x" * 500 for _ in range(500)), unseen_text=10**9, text="some words")
    assert len(limits_sentence(facts)) < 500
    assert readable_share(facts) == 0.0
    assert readable_share(replace(facts, unseen_text=-5)) == 1.0


@given(st.integers(0, 400), st.integers(3, 60))
def test_parts_of_too_many_things_come_from_the_beginning_the_middle_and_the_end(size: int, most: int) -> None:
    things = list(range(size))
    kept = list(spread(things, most))
    assert len(kept) == min(size, most)
    assert kept == sorted(set(kept))
    if size:
        assert (kept[0], kept[-1]) == (0, size - 1)
    if size > most:
        assert size // 2 in kept or (size - 1) // 2 in kept
    assert len(excerpt("x" * size, most)) <= most + len(windows(things, most)) - 1


def test_forms_and_fields_stay_where_the_first_screen_has_none(judge: Judge) -> None:
    far = replace(
        CLONE, inputs=(InputField("password", box=Box(100, 4000, 200, 30)),), forms=(Form("https://x.test/"),)
    )
    assert judged(judge, replace(far, view_text=CLONE.text).reaching("fields")).decision is Decision.FLAGGED
