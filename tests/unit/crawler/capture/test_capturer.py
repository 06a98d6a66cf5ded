"""Captures that end before a browser is needed: malformed settings and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.capture.capturer import Capturer
from detector.config import CaptureConfig
from detector.errors import ConfigError, UsageError
from detector.evidence import Evidence
from detector.model import Capture as Stored
from detector.model import Outcome, from_json, to_json


@pytest.mark.parametrize("url", ["http://a.test/\0b", "http://a.test/\ud800b"])
async def test_a_bad_character_is_marked_and_not_dropped(url: str, tmp_path: Path) -> None:
    capture = await Capturer(CaptureConfig(), Evidence(str(tmp_path))).capture(url)
    assert capture.outcome == Outcome.BAD_URL
    assert capture.url == "http://a.test/\ufffdb"
    assert from_json(to_json(capture), Stored) == capture


def test_a_malformed_rule_is_refused_before_anything_starts() -> None:
    with pytest.raises(ConfigError, match="HOST:PORT:ADDRESS"):
        Capturer(CaptureConfig(resolve=("nonsense",)), Evidence("memory://rules"))


async def test_an_unknown_profile_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="fridge"):
        await Capturer(CaptureConfig(), Evidence("memory://profiles")).capture("http://a.test/", profile="fridge")
