"""``clonewatch report`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from crawler.cli.commands.report import report
from detector.errors import UsageError
from detector.model import Capture, Decision, Verdict
from detector.workspace import Workspace

app = typer.Typer()
app.command()(report)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with Workspace.open(tmp_path / "ws") as opened:
        for number, decision in enumerate((Decision.FLAGGED, Decision.REVIEW, Decision.CLEAR)):
            capture = Capture(f"https://site-{number}.example/", "ok", final_url=f"https://site-{number}.example/")
            opened.store.record(capture, Verdict(decision, "paypal", 0.9 - number / 4))
    return tmp_path / "ws"


def test_report_prints_its_path_and_a_summary(workspace: Path) -> None:
    done = CliRunner().invoke(app, ["--workspace", str(workspace)])
    assert done.exit_code == 0
    index = workspace / "reports" / "index.html"
    assert done.stdout.splitlines() == [str(index), "1 flagged; 1 page written, 0 up to date."]
    assert "site-0[.]example" in index.read_text()
    assert "site-1[.]example" not in index.read_text()
    again = CliRunner().invoke(app, ["--workspace", str(workspace)])
    assert again.stdout.splitlines()[1] == "1 flagged; 0 pages written, 1 up to date."


def test_review_and_another_folder(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "for the bank"
    done = CliRunner().invoke(app, ["-w", str(workspace), "--out", str(out), "--include-review"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1] == "1 flagged, 1 to review; 2 pages written, 0 up to date."
    assert sorted(file.name for file in (out / "cases").iterdir()) == ["1.html", "2.html"]


def test_a_folder_of_other_things_is_a_usage_error(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    done = CliRunner().invoke(app, ["-w", str(workspace), "--out", str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
