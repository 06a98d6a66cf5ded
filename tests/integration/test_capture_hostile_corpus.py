"""Every hostile page kind of the corpus: the right outcome, a picture where a human would see one, in time, no harm done."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from crawler.capture.capturer import Capturer
from detector.evidence import Evidence
from detector.model import Outcome
from tests.hostile.corpus import KINDS, serving
from tests.hostile.kind import Kind
from tests.hostile.runner import Seen, capture_corpus, limits
from tests.support.pages.sites import needs_browser

pytestmark = [
    *needs_browser,
    pytest.mark.ordeal,
    pytest.mark.heavy,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(1500),
]

SLACK_SECONDS = 15.0
"""For closing a browser that hangs, and for a machine that is busy with other things."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Seen]]:
    async with (
        serving(tmp_path_factory.mktemp("keys")) as corpus,
        Capturer(limits(), Evidence("memory://corpus")) as capturer,
    ):
        yield await capture_corpus(corpus, capturer)


async def test_there_are_enough_kinds_and_each_has_a_name_of_its_own(seen: dict[str, Seen]) -> None:
    assert len(KINDS) >= 40
    assert set(seen) == {kind.name for kind in KINDS}
    assert len(seen) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_hostile_page_gives_the_right_capture(seen: dict[str, Seen], kind: Kind) -> None:
    capture = seen[kind.name].capture
    assert capture.outcome in kind.outcomes, capture.note
    assert capture.seconds <= limits().total_seconds + SLACK_SECONDS
    assert kind.note in capture.note
    assert capture.final_url.endswith(kind.ends_at)
    if kind.seen:
        assert capture.screenshot is not None, capture.note
        assert capture.facts is not None, capture.note
        assert kind.text in capture.facts.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_the_next_capture_of_the_slot_is_unharmed(seen: dict[str, Seen], kind: Kind) -> None:
    after = seen[kind.name].next
    assert after.outcome == Outcome.OK, after.note
    assert after.screenshot is not None
    assert after.facts is not None
    assert after.facts.text.strip() == "plain"


async def test_what_lies_behind_a_certificate_is_seen_and_the_certificate_judged(seen: dict[str, Seen]) -> None:
    for name, problem in (("expired-certificate", "expired"), ("self-signed-certificate", "")):
        tls = seen[name].capture.tls
        assert tls is not None
        assert tls.problem
        assert problem in tls.problem


async def test_a_page_cannot_hide_its_form_behind_names(seen: dict[str, Seen]) -> None:
    capture = seen["clobber"].capture
    assert capture.facts is not None
    assert [(form.action.rpartition("/")[2], form.method) for form in capture.facts.forms] == [("f", "post")]
    assert {field.name for field in capture.facts.inputs} == {"action", "getAttribute", "method"}


async def test_hostile_text_is_bounded_and_can_be_stored(seen: dict[str, Seen]) -> None:
    for name in ("huge-title", "nul-text", "huge-attributes", "one-long-word", "right-to-left"):
        facts = seen[name].capture.facts
        assert facts is not None
        assert len(facts.title) <= 10_000
        assert len(facts.text) <= limits().max_text
        for text in (facts.title, facts.text, *facts.links):
            assert "\0" not in text
            text.encode()  # no lone surrogates
            assert len(text) <= limits().max_text
