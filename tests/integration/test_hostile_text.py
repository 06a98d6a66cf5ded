"""A workspace full of hostile strings: every command shows, writes and exports it without a character that anybody obeys."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from crawler.discovery.source_status import note
from crawler.discovery.source_tally import SourceTally
from detector.model import utcnow
from detector.store import RunState
from tests.support.every_command import NO_BROWSER, every_command, names, prepare, words_of
from tests.support.hostile_strings import OBEYED, storable_strings
from tests.support.program import clonewatch
from tests.support.store.evidence import desk

STRINGS = storable_strings()
TOLD = "INVOICE"
"""Stands in each planted string, so that the test can tell that it was shown."""
TEXT_COLUMNS = {
    "custody": ("actor", "comment"),
    "runs": ("host", "doing", "error"),
    "sources": ("value",),
    "deliveries": ("actor", "target"),
    "handovers": ("actor", "recipient"),
}
"""Columns of text that somebody outside may have a hand in; those that a schema lacks are left out."""


def planted(count: int) -> Iterator[str]:
    """So many strings at a time, joined: all of them, again and again."""
    strings = cycle(STRINGS)
    while True:
        yield TOLD + " ".join(next(strings) for _ in range(count))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with hostile strings wherever the program keeps text of others."""
    place = tmp_path_factory.mktemp("hostile")
    prepare(place)
    texts = planted(12)
    with desk(place / "ws") as opened:
        for number in range(3):
            case = opened.add(f"clone{number}.example", size=500)
        opened.export(case, place, actor=next(texts))
        note(opened.store, [SourceTally(f"feeds:{next(texts)}", error=next(texts)) for _ in range(30)], utcnow())
        for _ in range(3):
            run = opened.store.runs.begin("", utcnow(), host=next(texts), pid=1)
            assert run is not None
            opened.store.runs.end(run.id, utcnow(), RunState.FAILED, counts={}, error=next(texts))
    _plant_in_database(place / "ws" / "clonewatch.sqlite", texts)
    _plant_in_configuration(place, texts)
    _plant_in_brands(place / "brands", texts)
    (place / "list.txt").write_text(
        "\n".join(f"http://quorvane-login.test/{text}" for text in STRINGS), "utf-8", newline=""
    )
    bundle = next(path for path in place.iterdir() if (path / "manifest.json").exists())
    shutil.copytree(bundle, place / "out" / f"bundle{TOLD}\u202e\x1b[31m\n\x9b2J")
    return place


def _plant_in_database(path: Path, texts: Iterator[str]) -> None:
    with closing(sqlite3.connect(path)) as database:
        for table, columns in TEXT_COLUMNS.items():
            known = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
            for column in set(columns) & known:
                for (row,) in database.execute(f"SELECT rowid FROM {table}").fetchall():
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (next(texts), row))
        for table, column in (("captures", "capture_json"), ("captures", "verdict_json")):
            for row, old in database.execute(f"SELECT id, {column} FROM {table}").fetchall():
                database.execute(
                    f"UPDATE {table} SET {column} = ? WHERE id = ?",
                    (json.dumps(_poisoned(json.loads(old), texts)), row),
                )
        database.commit()


STAYS = frozenset({"schedule"})
"""Commands that run until they are stopped where a crawl job is configured; ``schedule list`` shows the same table."""
SHOW = frozenset({"brands list", "evidence log", "evidence verify", "status"})
"""Commands that must have shown some of it: the test is no good where they do not."""
HELD = frozenset(("title", "text", "sentence", "note", "alt", "label", "placeholder", "name", "reason"))


def _poisoned(value: object, texts: Iterator[str]) -> object:
    """The same JSON with hostile texts in place of those that pages write."""
    if isinstance(value, dict):
        return {
            key: next(texts) if key in HELD and isinstance(inner, str) else _poisoned(inner, texts)
            for key, inner in value.items()
        }
    return [_poisoned(inner, texts) for inner in value] if isinstance(value, list) else value


def _toml(text: str) -> str:
    """A string of TOML, which has no surrogate pairs."""
    return '"' + "".join(char if char.isalnum() or char in " .,-_/" else f"\\U{ord(char):08X}" for char in text) + '"'


def _plant_in_configuration(place: Path, texts: Iterator[str]) -> None:
    feeds = "".join(
        f"[[discover.feeds]]\nname = {_toml(next(texts))}\nlocation = {_toml(str(place / 'missing') + next(texts)[:80])}\n"
        for _ in range(12)
    )
    jobs = '[[schedule.jobs]]\nname = "nightly"\ncron = "7 3 * * *"\nsteps = ["report"]\n'
    (place / "ws" / "clonewatch.toml").write_text(feeds + jobs, encoding="utf-8")


def _plant_in_brands(brands: Path, texts: Iterator[str]) -> None:
    file = next(brands.glob("*/brand.toml"))
    lines = [
        f"name = {_toml(next(texts)[:60])}" if line.startswith("name") else line
        for line in file.read_text("utf-8").splitlines()
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def unclean(text: str) -> str:
    """Return the first character that somebody would obey, with what stands around it; empty where there is none."""
    found = OBEYED.search(text)
    return repr(text[max(0, found.start() - 60) : found.end() + 30]) if found else ""


@pytest.mark.ordeal
def test_every_command_shows_hostile_text_as_text(folder: Path) -> None:
    wrong, told = [], set()
    for name in sorted(set(names()) - STAYS):
        words = words_of(name, folder, folder / "ws")
        words += [str(path) for path in (folder / "out").iterdir()] if name == "evidence verify" else []
        done = clonewatch(*words, env=NO_BROWSER, cwd=folder)
        for stream in (done.stdout, done.stderr):
            if found := unclean(stream):
                wrong.append(f"{name}: {found}")
            if TOLD in stream:
                told.add(name)
        if "Traceback" in done.stderr + done.stdout:
            wrong.append(f"{name}: {done.stderr[-1500:]}")
    assert wrong == [], "\n\n".join(wrong)
    assert told >= SHOW, f"only {sorted(told)} showed what was planted"
    assert set(every_command()) == set(names())


def test_sources_with_hostile_names_and_places(folder: Path) -> None:
    """Twelve feeds that cannot be read: names, paths and errors are shown, and logged by the process of the sources."""
    done = clonewatch("discover", "feeds", "--verbose", "-w", folder / "ws", "--brands", folder / "brands", cwd=folder)
    assert TOLD in done.stdout
    assert unclean(done.stdout) == ""
    assert unclean(done.stderr) == ""


JSON = (
    "cases list",
    "takedown list",
    "phones list",
    "schedule list",
    "status",
    "evidence log",
    "compare",
    "triage",
    "discover",
)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_json_lines_and_logs_hold_one_object_a_line(folder: Path, log_format: str) -> None:
    for name in JSON:
        words = words_of(name, folder, folder / "ws")
        done = clonewatch("--log-format", log_format, "--verbose", *words, "--json", "-", env=NO_BROWSER, cwd=folder)
        assert unclean(done.stdout) == "", name
        assert unclean(done.stderr) == "", name
        for line in done.stdout.splitlines():
            json.loads(line)


def test_metrics_hold_one_sample_a_line(folder: Path) -> None:
    done = clonewatch("status", "--prometheus", "-w", folder / "ws")
    assert unclean(done.stdout) == ""
    assert all(line.startswith(("#", "clonewatch_")) for line in done.stdout.splitlines())


def test_files_hold_nothing_that_is_obeyed(folder: Path) -> None:
    """Report and takedown queue, as bytes on the disk."""
    clonewatch("report", "--include-review", "-w", folder / "ws", "--brands", folder / "brands")
    clonewatch("cases", "confirm", "2", "--comment", STRINGS[3], "-w", folder / "ws")
    clonewatch("takedown", "export", "-w", folder / "ws", "--brands", folder / "brands")
    texts = [
        path
        for path in (folder / "ws").rglob("*")
        if path.suffix in {".html", ".jsonl", ".json"} and "evidence" not in path.parts
    ]
    assert {path.suffix for path in texts} >= {".html", ".jsonl"}
    for path in texts:
        assert unclean(path.read_text("utf-8")) == "", path


def test_units_of_a_path_that_holds_a_line_break_are_refused(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "ws\n* * * * * true"
    place.mkdir()
    shutil.copy(folder / "ws" / "clonewatch.toml", place)
    for form in ("cron", "systemd"):
        done = clonewatch("schedule", "export", form, "-w", place)
        assert done.returncode == 2
        assert "holds a line break" in done.stderr
