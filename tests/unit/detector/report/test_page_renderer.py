"""Pages of the report: escaped, defanged, inert, and complete where something is missing."""

from __future__ import annotations

import html
import re
from pathlib import Path

from detector.model import Decision, OfficialPage, PageFacts, StoredFile
from tests.support.store.report_cases import HOSTILE_FACTS, Desk, drawn, open_desk


def test_no_address_of_a_suspect_stands_undefanged(desk: Desk) -> None:
    desk.add(1, url="https://evil-glimmer.example/login?next=https://evil-glimmer.example/b")
    desk.write()
    for page in (desk.index(), desk.page(1)):
        text = re.sub(r'data-copy="[^"]*" data-live', "", page)
        assert "evil-glimmer.example/" not in re.sub(r"hxxps://evil-glimmer\.example", "", text)
        assert "https://evil" not in text
    assert 'data-copy="https://evil-glimmer.example/login' in desk.page(1)


def test_hostile_text_is_escaped(desk: Desk) -> None:
    desk.add(1, facts=HOSTILE_FACTS, url="https://a.example/%22%3E<script>\u202e'\"")
    desk.write()
    for page in (desk.index(), desk.page(1)):
        assert page.count("<script>") == 1
        assert page.count("<script") == 1 + page.count('<script type="application/json" id="data">')
        assert not re.search(r"<[^>]+\son\w+=", re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL))
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", _without_live(page))
        assert "[U+202E]" in page
        assert "{{ 7*7 }}" in page


def _without_live(page: str) -> str:
    """The page without the attribute that holds the live address to copy."""
    return re.sub(r'data-copy="[^"]*" data-live', "", page)


def test_the_policy_allows_nothing_but_the_own_script(desk: Desk) -> None:
    desk.add(1)
    desk.write()
    for page in (desk.index(), desk.page(1)):
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])  # type: ignore[index]
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert parts["default-src"] == "'none'"
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]+='", parts["script-src"])
        assert (parts["base-uri"], parts["form-action"]) == ("'none'", "'none'")
        assert " style=" not in page


def test_what_is_missing_is_said_and_the_rest_is_shown(desk: Desk) -> None:
    desk.add(1, screenshot=StoredFile("a" * 64, "image/png", 10))
    desk.add(2, screenshot=b"no picture at all")
    desk.add(3, screenshot=None, outcome="timeout", note="the page did not load in 15 s", facts=None)
    desk.write()
    assert "The screenshot cannot be shown" in desk.page(1)
    assert "damaged or of an unknown format" in desk.page(2)
    assert "ended as “Timeout”. the page did not load in 15 s" in desk.page(3)
    for case in (1, 2, 3):
        assert "The signal logo_page found it." in desk.page(case)
        assert 'class="regions"' not in desk.page(case)
    assert desk.index().count(">No screenshot<") == 3
    desk.evidence.put(drawn(7), "image/png")
    assert desk.write().reused == 3


def test_without_an_official_page_the_logos_stand_in(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, official=False)
    desk.add(1)
    desk.add(2, brand="unheard-of")
    desk.write()
    desk.store.close()
    assert "No official page of Glimmer has been captured yet; these are its logos" in desk.page(1)
    assert "<code>clonewatch brands capture glimmer</code>" in desk.page(1)
    assert desk.page(1).count('alt="Logo of Glimmer"') == 2
    assert "is not in the library that this report was written with" in desk.page(2)


def test_an_unreadable_official_page_is_a_note(desk: Desk) -> None:
    brand = desk.library["glimmer"]
    object.__setattr__(brand, "pages", (OfficialPage("signin", str(desk.folder / "gone.png")),))
    desk.add(1)
    desk.write()
    assert "signin: gone.png cannot be read (No such file or directory)." in desk.page(1)


def test_nothing_flagged_says_what_was_looked_at(desk: Desk) -> None:
    result = desk.write()
    assert (result.flagged, result.written) == (0, 0)
    assert "No page has been captured yet" in desk.index()
    desk.add(1, decision=Decision.CLEAR)
    desk.add(2, decision=Decision.UNSEEN, outcome="dns_error", screenshot=None)
    desk.write()
    text = re.sub(r"<[^>]+>|\s+", " ", desk.index())
    assert "No site was flagged" in desk.index()
    assert "2 captured" in desk.index()
    for words in ("Clear 1", "Could not be examined 1", "Page seen 1", "DNS error 1"):
        assert words in re.sub(r"\s+", " ", text), words


def test_neighbours_follow_the_probability(desk: Desk) -> None:
    for number, probability in enumerate((0.81, 0.99, 0.9), 1):
        desk.add(number, probability=probability)
    desk.write()
    links = {case: re.findall(r'rel="(prev|next)" href="(\d+)\.html"', desk.page(case)) for case in (1, 2, 3)}
    assert links == {2: [("next", "3")], 3: [("prev", "2"), ("next", "1")], 1: [("prev", "3")]}


def test_an_internationalised_host_shows_both_ways(desk: Desk) -> None:
    desk.add(1, url="https://xn--glmmer-4va.example/")
    desk.write()
    assert "xn--glmmer-4va[.]example" in desk.page(1)
    assert "glímmer[.]example" in desk.page(1)


def test_a_page_without_facts_or_finding_is_still_a_page(desk: Desk) -> None:
    desk.add(1, facts=PageFacts(), findings=(), sentence="")
    desk.write()
    assert "No finding speaks for Glimmer" in desk.page(1)
    assert "(no title)" in desk.page(1)
