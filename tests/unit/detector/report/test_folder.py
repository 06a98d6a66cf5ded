"""The report's folder: what is refused, waited for, replaced and removed."""

from __future__ import annotations

import re
import threading

import pytest

from detector.errors import UsageError
from detector.model import Decision
from detector.report.folder import ReportFolder
from detector.report.page_renderer import Renderer
from tests.support.store.report_cases import Desk, Listed


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
