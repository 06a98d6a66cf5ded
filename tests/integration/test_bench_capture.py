"""``clonewatch bench capture`` on a few pages: the figures are there and consistent."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from benchmarks.command import app
from tests.support.pages.sites import needs_browser

pytestmark = [*needs_browser, pytest.mark.ordeal]


def test_bench_capture_prints_both_speeds_and_their_ratio() -> None:
    result = CliRunner().invoke(app, ["capture", "--pages", "3", "--rounds", "1", "--slots", "2"])
    assert result.exit_code == 0, result.output
    bare, ours = (
        float(re.search(rf"^{name} +([\d.]+) pages/s", result.output, re.MULTILINE)[1])  # type: ignore[index]
        for name in ("bare loop", "clonewatch")
    )
    ratio = re.search(r"^ratio: ([\d.]+)$", result.output, re.MULTILINE)
    assert ratio is not None
    assert bare > 0
    assert abs(float(ratio[1]) - ours / bare) < 0.05
    for kind in ("program", "browser"):
        assert len(re.findall(rf"{kind} [1-9]\d*", result.output)) == 2
    # the bare loop's orders pass through the driver; of a capture it only starts the browser
    of_bare, of_ours = map(int, re.findall(r"driver (\d+)", result.output))
    assert of_ours < of_bare
