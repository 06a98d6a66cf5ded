"""``clonewatch phones`` as a person at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from crawler.cli.commands import phones
from detector.errors import ClonewatchError, UsageError
from detector.model import Phone, PhoneSource
from detector.workspace import Workspace
from tests.support.store.builders import capture, flagged

app = typer.Typer()
app.add_typer(phones.app, name="phones")
SCAM = Phone("+18002629661", "1-800-\x1b[31mAMAZON1", PhoneSource.TEXT, "US", vanity=True)
OWN = Phone("+448002797234", "0800 279 7234", PhoneSource.LINK, "GB", official="amazon")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sites with one number, one of them with a brand's own too."""
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "workspace"
    with Workspace.open(folder) as workspace:
        workspace.store.record(capture("https://a.example/", phones=(SCAM, OWN)), flagged("amazon"))
        workspace.store.record(capture("https://b.example/", phones=(SCAM,)), flagged("paypal"))
    return folder


def call(*words: str, folder: Path) -> str:
    result = CliRunner().invoke(app, [*words, "--workspace", str(folder)])
    if isinstance(result.exception, ClonewatchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_list(folder: Path) -> None:
    shown = call("phones", "list", folder=folder)
    first, second = [line for line in shown.splitlines() if line.startswith("+")]
    assert first.split()[:4] == ["+18002629661", "US", "2", "2"]
    assert "amazon, paypal" in first
    assert second.split()[:4] == ["+448002797234", "GB", "1", "1"]
    assert shown.rstrip().endswith("2 numbers.")


def test_list_of_a_brand_as_json(folder: Path) -> None:
    [line] = [
        json.loads(row)
        for row in call("phones", "list", "--brand", "paypal", "--json", "-", folder=folder).splitlines()
    ]
    assert line["number"] == "+18002629661"
    assert line["captures"] == 2
    assert line["brands"] == ["amazon", "paypal"]


@pytest.mark.parametrize("number", ["+18002629661", "1-800-AMAZON1", "(800) 262-9661"])
def test_show_in_any_spelling(folder: Path, number: str) -> None:
    shown = call("phones", "show", number, folder=folder)
    assert "+18002629661" in shown
    assert "\x1b[31m" not in shown
    assert "hxxps://a[.]example/" in shown
    assert "cases: 1, 2" in shown


def test_show_as_json(folder: Path) -> None:
    line = json.loads(call("phones", "show", "+44 800 279 7234", "--json", "-", folder=folder))
    assert line["phone"]["official"] == ["amazon"]
    assert line["cases"] == [1]
    assert line["captures"][0]["sources"] == ["link"]
    assert line["captures"][0]["profiles"] == ["desktop"]


def test_numbers_that_nothing_is_known_of(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no capture shows \+18005550142"):
        call("phones", "show", "800-555-0142", folder=folder)
    with pytest.raises(UsageError, match="is not a telephone number"):
        call("phones", "show", "hello", folder=folder)


def test_an_empty_workspace(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    assert call("phones", "list", folder=tmp_path / "workspace") == "0 numbers.\n"
