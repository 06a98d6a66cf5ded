"""An address that cannot be captured never takes the place of one that can."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.capture.capturer import Capturer
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import Capture as Stored
from detector.model import Outcome, from_json, to_json


@pytest.mark.parametrize("url", ["http://a.test/\0b", "http://a.test/\ud800b"])
async def test_a_bad_character_is_marked_and_not_dropped(url: str, tmp_path: Path) -> None:
    capture = await Capturer(CaptureConfig(), Evidence(str(tmp_path))).capture(url)
    assert capture.outcome == Outcome.BAD_URL
    assert capture.url == "http://a.test/\ufffdb"
    assert from_json(to_json(capture), Stored) == capture
