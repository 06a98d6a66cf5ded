"""``clonewatch takedown`` and ``clonewatch cases`` as a person at a terminal meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from crawler.cli.commands import cases, takedown
from detector.errors import ClonewatchError, EvidenceError, UsageError
from detector.model import StoredFile
from detector.takedown import ExportResult
from detector.workspace import Workspace
from tests.support.store.builders import capture, flagged, review

app = typer.Typer()
app.add_typer(takedown.app, name="takedown")
app.add_typer(cases.app, name="cases")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with two flagged sites, which a rule lets go, and one for review."""
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "clonewatch.toml").write_text('[[takedown.without_review]]\nname = "any"\nprobability = 0.01\n')
    with Workspace.open(folder) as workspace:
        for host, verdict in (("a", flagged(probability=0.9)), ("b", flagged()), ("c", review())):
            shot = workspace.evidence.put(host.encode(), "image/png")
            workspace.store.record(capture(f"https://{host}.example/", screenshot=shot), verdict)
    return folder


def call(*words: str, folder: Path) -> str:
    result = CliRunner().invoke(app, [*words, "--workspace", str(folder)])
    if isinstance(result.exception, ClonewatchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def hosts(queue: Path) -> list[str]:
    file = queue / "takedown.jsonl"
    return [row["host"] for row in rows(file.read_text())] if file.exists() else []


def test_an_export_says_what_it_did_and_a_second_adds_nothing(folder: Path) -> None:
    queue = folder / "takedown"
    assert call("takedown", "export", folder=folder) == (
        f"2 cases exported to {queue / 'takedown.jsonl'}, none was exported before.\n"
    )
    assert call("takedown", "export", folder=folder) == (
        f"No new case for {queue / 'takedown.jsonl'}, 2 were exported before.\n"
    )
    assert hosts(queue) == ["b.example", "a.example"]
    assert rows((queue / "takedown.jsonl").read_text())[0]["brand"]["name"] == "PayPal"


def test_confirmed_only_and_another_folder(folder: Path, tmp_path: Path) -> None:
    call("cases", "confirm", "3", "--actor", "ann", folder=folder)
    call("takedown", "export", "--confirmed-only", "--out", str(tmp_path / "desk"), folder=folder)
    assert hosts(tmp_path / "desk") == ["c.example"]


def test_the_workspaces_queue_named_by_its_path_is_the_same_queue(folder: Path) -> None:
    call("takedown", "export", folder=folder)
    (folder / "takedown" / "takedown.jsonl").unlink()
    said = call("takedown", "export", "--out", str(folder / "x" / ".." / "takedown"), folder=folder)
    assert "2 were exported before" in said


def test_a_moved_workspace_knows_what_it_has_exported(folder: Path, tmp_path: Path) -> None:
    call("takedown", "export", folder=folder)
    moved = folder.rename(tmp_path / "moved")
    (moved / "takedown" / "takedown.jsonl").unlink()
    assert "2 were exported before" in call("takedown", "export", folder=moved)


def test_dismissed_cases_are_never_exported(folder: Path) -> None:
    call("cases", "dismiss", "1", "2", "--comment", "the brand's own pages", folder=folder)
    assert call("takedown", "export", folder=folder) == "Nothing to export: no case is confirmed.\n"
    with Workspace.open(folder) as workspace:
        assert workspace.store.custody.of_case(1)[-1].comment == "the brand's own pages"
        assert workspace.store.custody.of_case(1)[-1].actor != ""


def test_nothing_leaves_without_a_decision_and_the_command_says_how_many_wait(folder: Path) -> None:
    (folder / "clonewatch.toml").unlink()
    assert call("takedown", "export", folder=folder) == (
        "Nothing to export: no case is confirmed.\n"
        "2 flagged cases wait for a person's decision: `clonewatch cases list`, then `clonewatch cases confirm ID`.\n"
    )
    assert hosts(folder / "takedown") == []
    call("cases", "confirm", "1", folder=folder)
    said = call("takedown", "export", folder=folder)
    assert said.startswith("1 case exported to ")
    assert "1 flagged case waits for a person's decision" in said
    assert hosts(folder / "takedown") == ["a.example"]


def test_a_case_that_is_dismissed_later_is_withdrawn_and_confirmed_goes_again(folder: Path) -> None:
    call("takedown", "export", folder=folder)
    call("cases", "dismiss", "1", "--comment", "the brand's own page", folder=folder)
    queue = folder / "takedown" / "takedown.jsonl"
    said = call("takedown", "export", folder=folder)
    assert f"1 dismissed case withdrawn from {queue}." in said
    assert "withdrawn" in call("takedown", "list", folder=folder)
    assert call("takedown", "export", folder=folder) == f"No new case for {queue}, 1 was exported before.\n"
    call("cases", "confirm", "1", folder=folder)
    call("takedown", "export", folder=folder)
    lines = [row for row in rows(queue.read_text()) if row["case"] == 1]
    assert [(line["kind"], line["number"]) for line in lines] == [("case", 1), ("withdrawal", 2), ("case", 3)]
    assert lines[1]["reason"] == "the brand's own page"
    assert [line["rule"] for line in lines[::2]] == ["any", None]


def test_dismissing_asks_for_a_reason(folder: Path) -> None:
    result = CliRunner().invoke(app, ["cases", "dismiss", "1", "--workspace", str(folder)])
    assert result.exit_code == 2
    with Workspace.open(folder) as workspace:
        assert workspace.store.counts()["cases_dismissed"] == 0


def test_the_list_shows_exported_and_waiting(folder: Path) -> None:
    call("cases", "confirm", "1", folder=folder)
    call("takedown", "export", "--confirmed-only", folder=folder)
    table = call("takedown", "list", folder=folder)
    assert "a[.]example" in table
    assert "1 case exported, 1 waiting for the next export." in table
    listed = rows(call("takedown", "list", "--json", "-", folder=folder))
    assert [(row["host"], row["exported"] is None) for row in listed] == [("a.example", False), ("b.example", True)]
    assert listed[0]["destination"] == "workspace"


def test_an_empty_list(tmp_path: Path) -> None:
    assert call("takedown", "list", folder=tmp_path) == "0 cases exported, 0 waiting for the next export.\n"
    assert call("takedown", "list", "--json", "-", folder=tmp_path) == ""
    assert call("cases", "list", folder=tmp_path) == "0 cases.\n"


def test_a_case_without_evidence_ends_in_an_error_after_the_others_went(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        gone = StoredFile("0" * 64, "image/png", 1)
        workspace.store.record(capture("https://d.example/", screenshot=gone), flagged())
    with pytest.raises(EvidenceError, match="1 case could not be exported, because evidence is missing or altered"):
        call("takedown", "export", folder=folder)
    assert hosts(folder / "takedown") == ["b.example", "a.example"]


def test_cases_are_listed_filtered_and_as_json(folder: Path) -> None:
    table = call("cases", "list", folder=folder)
    assert table.index("b[.]example") < table.index("a[.]example") < table.index("c[.]example")
    assert table.endswith("3 cases.\n")
    call("cases", "confirm", "2", "3", folder=folder)
    confirmed = rows(call("cases", "list", "--state", "confirmed", "--json", "-", folder=folder))
    assert [(row["id"], row["state"]) for row in confirmed] == [(2, "confirmed"), (3, "confirmed")]
    assert rows(call("cases", "list", "--brand", "dhl", "--json", "-", folder=folder)) == []


def test_json_to_a_file(folder: Path, tmp_path: Path) -> None:
    call("cases", "list", "--json", str(tmp_path / "cases.jsonl"), folder=folder)
    assert [row["id"] for row in rows((tmp_path / "cases.jsonl").read_text())] == [2, 1, 3]
    with pytest.raises(UsageError, match="cannot be written"):
        call("cases", "list", "--json", str(tmp_path), folder=folder)


def test_a_case_that_is_not_there_or_cannot_go_there(folder: Path) -> None:
    with pytest.raises(UsageError, match="no case 77"):
        call("cases", "confirm", "77", folder=folder)
    call("cases", "dismiss", "1", "--comment", "no", folder=folder)
    call("cases", "confirm", "1", "--comment", "yes after all", folder=folder)
    with Workspace.open(folder) as workspace:
        assert [entry.after for entry in workspace.store.custody.of_case(1)] == ["new", "dismissed", "confirmed"]


def test_control_characters_of_a_site_do_not_reach_the_terminal(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.store.record(capture("https://ev\x1bil.example/", final_url=""), flagged())
    for command in ("cases", "takedown"):
        table = call(command, "list", folder=folder)
        assert "\x1b" not in table
        assert "ev[U+001B]il[.]example" in table


@pytest.mark.parametrize(
    ("exported", "before", "said"),
    [
        (1, 0, "1 case exported to q, none was exported before."),
        (3, 5, "3 cases exported to q, 5 were exported before."),
        (2, 1, "2 cases exported to q, 1 was exported before."),
        (0, 1, "No new case for q, 1 was exported before."),
        (0, 0, "Nothing to export: no case is confirmed."),
    ],
)
def test_sentences(exported: int, before: int, said: str) -> None:
    assert takedown.sentence(ExportResult("q", tuple(range(exported)), before)) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sink", "pigeon", "--out", "loft"), "no takedown destination is called 'pigeon'; there are: folder"),
        (("--sink", "pigeon"), "--sink pigeon needs its target, such as a URL: name it with --out"),
    ],
)
def test_an_unknown_destination_is_refused_before_anything_leaves(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        call("takedown", "export", *words, folder=folder)
    assert "0 cases exported, 2 waiting" in call("takedown", "list", folder=folder)
