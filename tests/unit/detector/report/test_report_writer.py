"""Runs that write the report: what is written anew, what is reused, and what is kept when something goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.errors import EnvironmentFault
from detector.model import Capture, CaseState, Finding, Form, NetworkEntry, PageFacts, RedirectHop
from detector.report.folder import ReportFolder
from detector.report.page_renderer import Renderer
from tests.support.store.report_cases import Desk, drawn


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
    with pytest.raises(EnvironmentFault, match=r"No space left on device.*the earlier report is kept"):
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


def test_five_hundred_cases_stay_below_a_megabyte_of_list(desk: Desk) -> None:
    long = PageFacts(title="A very long title " * 40, text="x" * 5000)
    data = drawn()
    shelf = desk.many(500, lambda _: data, facts=long, sentence="A sentence of the verdict. " * 30)
    result = desk.write(shelf)
    assert (result.flagged, result.written) == (500, 500)
    assert result.path.stat().st_size < 1_000_000
    assert desk.write(shelf).reused == 500


def test_a_victims_mail_address_is_in_no_address_that_the_report_shows(desk: Desk) -> None:
    victim = "jane.doe@corp.example"

    def url(host: str) -> str:
        return f"https://{host}.example/in?email={victim}"

    other = Capture(
        url("clone"), "timeout", profile="phone", final_url=url("garden"), note=f"No answer from {url('o')}."
    )
    desk.add(
        1,
        url=url("clone"),
        final_url=url("final"),
        redirects=(RedirectHop(url("hop"), 302, None),),
        network=(NetworkEntry(url("net"), "GET", "document", 200, 4, failure=f"guard: {url('guard')}"),),
        facts=PageFacts(title="Sign in", forms=(Form(url("form"), "post"),), links=(url("link"),)),
        findings=(Finding("links", "glimmer", 0.8, f"Its form sends to {url('finding')}."),),
        sentence=f"It copies {url('sentence')}.",
        cloaked=f"A phone is sent to {url('elsewhere')}.",
        others=(other,),
        note=f"{url('late')} did not answer.",
    )
    desk.write()
    assert "masked@example.invalid" in desk.page(1)
    for name, content in _files(desk.out).items():
        assert victim.encode() not in content, name
