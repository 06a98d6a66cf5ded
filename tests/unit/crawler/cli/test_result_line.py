"""The JSON line of a capture says where its pictures are and what others were shown."""

from __future__ import annotations

import json
from dataclasses import replace

from crawler.cli.result_line import result_line
from crawler.examine.examination_result import ExaminationResult
from detector.model import StoredFile
from tests.support.store.builders import capture, flagged

SHOT = StoredFile("ab" * 32, "image/png", 3)


def test_a_capture_with_another_view() -> None:
    other = replace(capture("http://a.example/"), profile="phone", screenshot=SHOT)
    seen = replace(capture("http://a.example/"), screenshot=SHOT, others=(other,))
    result = ExaminationResult(seen, flagged("paypal"), 1.23456, 0.1, "/e/ab.png", None, ("/e/phone.png",))
    line = json.loads(json.dumps(result_line(result)))
    assert (line["url"], line["verdict"], line["brand"]) == ("http://a.example/", "flagged", "paypal")
    assert (line["capture"]["screenshot"], line["capture"]["sha256"]) == ("/e/ab.png", "ab" * 32)
    assert (line["capture"]["full_page"], line["capture"]["full_page_sha256"]) == (None, None)
    assert [(view["profile"], view["screenshot"]) for view in line["others"]] == [("phone", "/e/phone.png")]
    assert line["seconds"] == {"capture": 1.235, "detect": 0.1}


def test_other_views_whose_pictures_were_not_kept() -> None:
    seen = replace(capture("http://a.example/"), others=(capture("http://a.example/"),))
    [view] = result_line(ExaminationResult(seen, flagged(), 0.1, 0.1))["others"]
    assert (view["screenshot"], view["sha256"]) == (None, None)
