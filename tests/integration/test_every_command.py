"""Every command in each kind of bad environment: a documented exit code, one sentence with the remedy, no traceback."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.every_command import DOCUMENTED, NO_BROWSER, every_command, names, prepare, words_of
from tests.support.program import clonewatch, complains, query
from tests.support.store.evidence import desk

USUAL = (
    "CLONEWATCH_BROWSER",
    "no time-stamp authority is configured",
    "none of the pictures could be read",
    "there are no crawl jobs",
    "there is no crawl job",
    "no broker is configured",
    "exists already",
    "is a workspace already",
    "holds other things",
    "no capture shows",
)
"""Parts of refusals that have nothing to do with the environment: no command finds all that it needs here."""
DEEP = "[" * 20_000 + "]" * 20_000


@dataclass(frozen=True)
class Environment:
    """Something wrong with a workspace."""

    name: str
    sql: str = ""
    """Damage that a database client did."""
    config: str = ""
    database: bytes | None = None
    folder: str = "ws"
    """The folder that ``-w`` names."""
    said: tuple[str, ...] = ()
    """One of these is in the sentence of every command that refuses to work, whatever else it says."""
    codes: frozenset[int] = DOCUMENTED


def damaged(name: str, sql: str) -> Environment:
    return Environment(name, sql=sql, said=("damaged",))


ENVIRONMENTS = (
    Environment("a mistyped folder", folder="typo/inside", said=("there is no workspace",)),
    Environment("somebody else's folder", folder="other", said=("is no workspace",)),
    Environment("a folder that is no text", folder="w\udcff", said=("is not valid UTF-8",)),
    Environment("a lone surrogate", folder="w\ud800", said=("is not valid UTF-8",)),
    Environment(
        "a configuration that nests deeply", config=f"brands = {DEEP}", said=("clonewatch.toml:1: not valid TOML",)
    ),
    Environment("tables that nest deeply", config=f"[{'.'.join('a' * 5000)}]\n", said=("clonewatch.toml:1",)),
    Environment("a long number", config=f"[capture]\nslots = {'9' * 5000}\n", said=("clonewatch.toml",)),
    Environment("an empty database beside evidence", database=b"", said=("is empty",)),
    Environment("a text as database", database=b"beans, lettuces\n" * 300, said=("is not an SQLite database",)),
    damaged("a capture that is no JSON", "UPDATE captures SET capture_json = 'beans'"),
    damaged("a capture that is cut off", "UPDATE captures SET capture_json = substr(capture_json, 1, 40)"),
    damaged("a capture that is another thing", "UPDATE captures SET capture_json = '[1, 2]'"),
    damaged("a verdict that nests deeply", f"UPDATE captures SET verdict_json = '{DEEP}'"),
    damaged("sources that are no list", "UPDATE cases SET sources = '{}'"),
    damaged("an unknown state", "UPDATE cases SET state = 'eaten'"),
    damaged("a time out of range", "UPDATE cases SET opened = 9223372036854775807"),
    damaged("a time that is a text", "UPDATE cases SET updated = 'Tuesday'"),
    damaged("no table of cases", "DROP TABLE cases"),
    damaged("no table of captures", "DROP TABLE captures"),
    damaged("no table of the custody log", "DROP TABLE custody"),
    damaged("an empty schema table", "DELETE FROM clonewatch_schema"),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    prepare(folder)
    with desk(folder / "kept") as opened:
        opened.add("clone.example")
        opened.add("other.example")
    (folder / "ws").mkdir()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "f")
    return tmp_path / "f"


def test_the_list_of_commands_is_complete() -> None:
    assert set(every_command()) == set(names())


def is_one_sentence(done: subprocess.CompletedProcess[str], said: tuple[str, ...] = ()) -> None:
    """Assert that a command ended as docs/cli.md promises, and that it said one of ``said`` where it refused to work."""
    shown = f"{done.args} -> {done.returncode}: {done.stdout[-1500:]}\n{done.stderr[-3000:]}"
    assert "Traceback" not in done.stderr + done.stdout, shown
    assert done.returncode in DOCUMENTED, shown
    refused = [line for line in done.stderr.splitlines() if line.startswith("clonewatch: ")]
    if done.returncode in {2, 3, 4} and "missing" not in done.stdout:
        assert refused or "Usage: " in done.stderr, shown
    if refused:
        assert any(each in refused[-1] for each in (*said, *USUAL)), shown


@pytest.mark.ordeal
@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: each.name.replace(" ", "-"))
def test_every_command_in_a_bad_workspace(folder: Path, environment: Environment) -> None:
    wrong, told = [], 0
    for name in every_command():
        home = folder / environment.folder
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out").mkdir()
        if environment.folder == "ws":
            _restore(folder, environment)
        else:
            _without_workspaces(folder)
        done = clonewatch(*words_of(name, folder, home), env=NO_BROWSER, cwd=folder)
        told += any(each in done.stderr for each in environment.said)
        try:
            is_one_sentence(done, environment.said)
        except AssertionError as error:
            wrong.append(f"{name}: {done.returncode} {str(error).splitlines()[0][-200:]} {done.stderr[-700:]}")
    assert not wrong, "\n\n".join(wrong)
    assert told, "no command noticed"


def _without_workspaces(folder: Path) -> None:
    """Undo what a command that may create a workspace did: one folder is missing, another holds somebody else's file."""
    for name in ("typo", "other"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "other").mkdir()
    (folder / "other" / "letter.txt").write_text("Dear Ann", encoding="utf-8")


@pytest.mark.parametrize(
    ("sql", "left_out"),
    [
        ("UPDATE captures SET capture_json = 'beans' WHERE id = 1", "case 1 (JSON is malformed"),
        (f"UPDATE captures SET capture_json = '{DEEP}' WHERE id = 1", "case 1 ("),
        ('UPDATE captures SET verdict_json = \'{"decision":"eaten"}\' WHERE id = 1', "case 1 (Invalid enum value"),
        ("UPDATE cases SET state = 'eaten' WHERE id = 1", "case 1 ('eaten' is not a valid CaseState"),
        ("UPDATE cases SET opened = -9223372036854775808 WHERE id = 1", "is not a time"),
        ("UPDATE cases SET updated = 'Tuesday' WHERE id = 1", "case 1 ('Tuesday' is not a time"),
        ("UPDATE cases SET sources = 'feeds' WHERE id = 1", "case 1 ('feeds' is not a list of words"),
    ],
)
def test_other_rows_are_shown_when_one_is_damaged(folder: Path, sql: str, left_out: str) -> None:
    _restore(folder, damaged("one row", sql))
    for words in (("cases", "list"), ("report", "--include-review", "--brands", folder / "brands")):
        done = clonewatch(*words, "-w", folder / "ws")
        complains(done, 4, "the database is damaged:", "left out", left_out, "put a backup in its place")
        assert "other[.]example" in done.stdout if words[0] == "cases" else "1 flagged" in done.stdout


def test_several_cases_are_decided_together_or_not_at_all(folder: Path) -> None:
    _restore(folder, Environment("none"))
    for words in (("confirm",), ("dismiss", "--comment", "a harmless namesake")):
        done = clonewatch("cases", *words, "1", "999", "2", "998", "-w", folder / "ws")
        complains(done, 2, "there are no cases 999, 998", "No case was changed")
        assert query(folder / "ws", "select distinct state from cases") == [("new",)]
    assert clonewatch("cases", "confirm", "1", "-w", folder / "ws").returncode == 0
    done = clonewatch("cases", "confirm", "2", "1", "2", "-w", folder / "ws")
    assert done.stdout.splitlines() == ["Case 2 is confirmed.", "Case 1 is confirmed."]


@pytest.mark.parametrize(
    "number", ["99999999999999999999999", "9223372036854775808", "0", "-1", "1e3", "٣", "1_0", "x" * 5000]
)
def test_what_is_no_number_of_a_case_is_refused(folder: Path, number: str) -> None:
    _restore(folder, Environment("none"))
    for words in (
        ("cases", "confirm"),
        ("cases", "dismiss", "--comment", "no"),
        ("evidence", "log"),
        ("evidence", "export"),
    ):
        complains(clonewatch(*words, "-w", folder / "ws", "--", number), 2, "is not the number of a case", "cases list")


@pytest.mark.parametrize(
    "words", [("cases", "list"), ("phones", "list"), ("discover", "permutations"), ("run", "--no-discover")]
)
def test_an_unknown_brand_is_refused(folder: Path, words: tuple[str, ...]) -> None:
    _restore(folder, Environment("none"))
    brands = ("--brands", folder / "brands") if words[0] in {"discover", "run"} else ()
    done = clonewatch(*words, "--brand", "paypall", *brands, "-w", folder / "ws", env=NO_BROWSER)
    complains(done, 2, "brand", "paypall", "`clonewatch brands list`" if brands else "did you mean paypal")


def _restore(folder: Path, environment: Environment) -> None:
    """Undo what the last command did to the workspace, and do the damage again."""
    home = folder / "ws"
    shutil.rmtree(home)
    shutil.copytree(folder / "kept", home)
    database = home / "clonewatch.sqlite"
    if environment.sql:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute(environment.sql)
            connection.commit()
    if environment.config:
        (home / "clonewatch.toml").write_text(environment.config, encoding="utf-8")
    if environment.database is not None:
        database.write_bytes(environment.database)
