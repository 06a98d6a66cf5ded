"""The report's folder: what is written, reused, removed, and kept when something goes wrong."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.errors import EnvironmentFault, UsageError
from detector.model import CaseState, Decision, OfficialPage, PageFacts, StoredFile
from detector.report.folder import ReportFolder
from detector.report.render import Renderer
from tests.support.store.report_cases import HOSTILE_FACTS, Desk, Listed, drawn, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path)
    yield desk
    desk.store.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_second_run_reuses_everything(desk: Desk) -> None:
    for number in range(5):
        desk.add(number)
    assert (desk.write().written, desk.write().written) == (5, 0)
    before = {name: (desk.out / name).stat().st_mtime_ns for name in _files(desk.out)}
    assert desk.write().reused == 5
    after = {name: (desk.out / name).stat().st_mtime_ns for name in _files(desk.out)}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"index.html", "manifest.json", ".lock"}


def test_a_changed_verdict_writes_that_page_alone(desk: Desk) -> None:
    for number in range(4):
        desk.add(number)
    desk.write()
    desk.store.cases.move(2, CaseState.CONFIRMED, actor="ana")
    result = desk.write()
    assert (result.written, result.reused) == (1, 3)
    assert "Confirmed" in desk.page(2)


def test_vanished_cases_and_their_pictures_go(desk: Desk) -> None:
    desk.add(1)
    desk.add(2, decision=Decision.REVIEW, probability=0.5)
    both = desk.write(include_review=True)
    assert (both.flagged, both.review) == (1, 1)
    pictures = len(list((desk.out / "images").iterdir()))
    (desk.out / "images" / "mine.txt").write_text("not the report's")
    only = desk.write()
    assert (only.flagged, only.review) == (1, 0)
    assert sorted(file.name for file in (desk.out / "cases").iterdir()) == ["1.html"]
    assert len(list((desk.out / "images").iterdir())) == pictures - 2 + 1
    assert (desk.out / "images" / "mine.txt").exists()


def test_every_file_that_a_page_names_is_there(desk: Desk) -> None:
    for number in range(3):
        desk.add(number)
    desk.write()
    named = 0
    for page in [desk.out / "index.html", *(desk.out / "cases").iterdir()]:
        for target in re.findall(r'(?:href|src)="([^"#]+)"', page.read_text()):
            named += 1
            assert not re.match(r"[a-z]+:|//", target), target
            assert (page.parent / target).resolve().is_file(), target
    assert named > 20


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


def test_a_screenshot_that_comes_back_is_shown(desk: Desk) -> None:
    data = drawn(5)
    stored = desk.evidence.put(data, "image/png")
    Path(desk.evidence.path(stored)).unlink()
    desk.add(1, screenshot=stored)
    desk.write()
    assert 'class="regions"' not in desk.page(1)
    desk.evidence.put(data, "image/png")
    assert desk.write().written == 1
    assert 'class="regions"' in desk.page(1)


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
    assert "Nothing has been looked at yet" in desk.index()
    desk.add(1, decision=Decision.CLEAR)
    desk.add(2, decision=Decision.UNSEEN, outcome="dns_error", screenshot=None)
    desk.write()
    text = re.sub(r"<[^>]+>|\s+", " ", desk.index())
    assert "No site was flagged" in desk.index()
    assert "2 looked at" in desk.index()
    for words in ("Clear 1", "Could not be looked at 1", "Page seen 1", "DNS error 1"):
        assert words in re.sub(r"\s+", " ", text), words


def test_neighbours_follow_the_probability(desk: Desk) -> None:
    for number, probability in enumerate((0.81, 0.99, 0.9), 1):
        desk.add(number, probability=probability)
    desk.write()
    links = {case: re.findall(r'rel="(prev|next)" href="(\d+)\.html"', desk.page(case)) for case in (1, 2, 3)}
    assert links == {2: [("next", "3")], 3: [("prev", "2"), ("next", "1")], 1: [("prev", "3")]}


def test_a_run_that_dies_leaves_the_former_report(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add(1)
    desk.write()
    before = _files(desk.out)
    desk.add(2)
    desk.store.cases.move(1, CaseState.CONFIRMED, actor="ana")
    calls = []

    def dies(self: Renderer, *args: object) -> str:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return "half"

    monkeypatch.setattr(Renderer, "case", dies)
    with pytest.raises(EnvironmentFault, match=r"No space left on device.*the report that was there is kept"):
        desk.write()
    after = _files(desk.out)
    assert {name: after[name] for name in before} == before
    assert not (desk.out / ".staging").exists()
    monkeypatch.undo()
    assert desk.write().written == 2


def test_a_kill_between_pages_and_list_never_passes_a_stale_page_for_current(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(1)
    desk.write()
    original = desk.page(1)
    desk.store.cases.move(1, CaseState.CONFIRMED, actor="ana")
    publish = ReportFolder.publish

    def killed(self: ReportFolder) -> None:
        publish(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(ReportFolder, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        desk.write()
    monkeypatch.undo()
    assert desk.page(1) != original
    assert desk.write().written == 1


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": "another"}', '{"pages": 5}'])
def test_a_damaged_manifest_costs_a_rendering(desk: Desk, damage: str) -> None:
    desk.add(1)
    desk.write()
    (desk.out / "manifest.json").write_text(damage)
    assert desk.write().written == 1
    assert json.loads((desk.out / "manifest.json").read_text())["tally"]["decisions"] == {"flagged": 1}


def test_a_deleted_page_is_written_again(desk: Desk) -> None:
    desk.add(1)
    desk.write()
    (desk.out / "cases" / "1.html").unlink()
    assert desk.write().written == 1


def test_a_folder_with_other_things_is_refused(desk: Desk) -> None:
    desk.out.mkdir()
    (desk.out / "thesis.docx").write_text("mine")
    with pytest.raises(UsageError, match=r"holds no report \(thesis.docx is there\)"):
        desk.write()
    assert [file.name for file in desk.out.iterdir()] == ["thesis.docx"]


def test_a_file_in_the_place_of_the_folder_is_refused(desk: Desk) -> None:
    desk.out.write_text("a file")
    with pytest.raises(UsageError, match="is a file"):
        desk.write()


def test_two_runs_on_one_folder_wait_for_each_other(desk: Desk) -> None:
    desk.add(1)
    shelf = Listed(desk.store.cases.find())
    order: list[str] = []

    def second() -> None:
        desk.write(shelf)
        order.append("second")

    with ReportFolder(desk.out).writing():
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        order.append("first")
    other.join(30)
    assert order == ["first", "second"]
    assert "glimmer-1" in desk.page(1)


def test_a_new_stylesheet_replaces_the_old_one(desk: Desk) -> None:
    desk.add(1)
    desk.write()
    (desk.out / "assets" / "report-000000000000.css").write_text("")
    desk.write()
    assert [file.name for file in (desk.out / "assets").iterdir()] == [Renderer().stylesheet]


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


def test_five_hundred_cases_stay_below_a_megabyte_of_list(desk: Desk) -> None:
    long = PageFacts(title="A very long title " * 40, text="x" * 5000)
    data = drawn()
    shelf = desk.many(500, lambda _: data, facts=long, sentence="A sentence of the verdict. " * 30)
    result = desk.write(shelf)
    assert (result.flagged, result.written) == (500, 500)
    assert result.path.stat().st_size < 1_000_000
    assert desk.write(shelf).reused == 500
