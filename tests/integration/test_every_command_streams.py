"""Every command with closed standard streams, and in locales that cannot show its output: no traceback, no false silence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.every_command import DOCUMENTED, NO_BROWSER, every_command, prepare, words_of
from tests.support.program import PROGRAM, environment
from tests.support.store.evidence import desk

QUOTED = (
    'name = "Quorvane “Größe” 日本"\ndomains = ["quorvane.example"]\n\n[[logos]]\nfile = "mark.svg"\nkind = "mark"\n'
)
SHOWING = ("brands list", "cases list", "scan", "status")
"""Commands that are run in every environment; the others in those that are the hardest."""
LOCALES = (
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C.ISO-8859-1", "PYTHONUTF8": "0", "PYTHONIOENCODING": "iso-8859-1"},
    {"LC_ALL": "tr_TR.ISO-8859-9", "LANG": "tr_TR", "PYTHONUTF8": "0", "PYTHONIOENCODING": "iso-8859-9"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "ascii:strict"},
)
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path)
    (tmp_path / "brands" / "quorvane" / "brand.toml").write_text(QUOTED, encoding="utf-8")
    with desk(tmp_path / "kept") as opened:
        opened.add("clone.example")
    return tmp_path


def run(folder: Path, name: str, changes: dict[str, str], redirected: str = "", *more: str) -> tuple[int, str, str]:
    """Exit code and both streams of a command in a process and a workspace of its own."""
    home = folder / "ws"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / "kept", home)
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()
    words = [*words_of(name, folder, home), *more]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *PROGRAM, *words],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False,
        env=environment(NO_BROWSER | changes),
    )  # fmt: skip
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.mark.ordeal
@pytest.mark.parametrize("name", sorted(every_command()))
def test_every_command_without_input_and_output(folder: Path, name: str) -> None:
    code, _, said = run(folder, name, {"PYTHONIOENCODING": "ascii"}, "<&- >&-")
    assert code in DOCUMENTED, said
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert code not in {2, 3} or "clonewatch: " in said
    assert (folder / "kept" / "clonewatch.sqlite").read_bytes()[:6] == (
        folder / "ws" / "clonewatch.sqlite"
    ).read_bytes()[:6]


@pytest.mark.ordeal
@pytest.mark.parametrize("redirected", CLOSED)
def test_closed_streams(folder: Path, redirected: str) -> None:
    for name in SHOWING:
        code, shown, said = run(folder, name, {}, redirected)
        assert code in DOCUMENTED, (name, code, said)
        assert "Traceback" not in shown + said, name
        with (folder / "ws" / "clonewatch.sqlite").open("rb") as database:
            assert database.read(15) == b"SQLite format 3", name  # nothing was printed into it


@pytest.mark.ordeal
@pytest.mark.parametrize("changes", LOCALES, ids=lambda each: "-".join(each.values()))
def test_locales_that_cannot_show_the_output(folder: Path, changes: dict[str, str]) -> None:
    for name in SHOWING:
        code, shown, said = run(folder, name, changes)
        assert code in DOCUMENTED, (name, code, said)
        assert "Traceback" not in shown + said, name
        if name == "brands list":
            assert code == 0
            assert "Quorvane" in shown


@pytest.mark.parametrize(("redirected", "name", "option"), [(">&-", "cases list", "--json"), ("<&-", "scan", "--from")])
def test_a_closed_stream_that_is_needed_is_named(folder: Path, redirected: str, name: str, option: str) -> None:
    code, _, said = run(folder, name, {}, redirected, option, "-")
    assert code == 2
    assert f"{option} -: standard" in said
    assert "is closed; name a file instead" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_is_full_is_told(folder: Path) -> None:
    for name in ("brands list", "cases list", "status"):
        code, _, said = run(folder, name, {}, "> /dev/full")
        assert code == 4, (name, said)
        assert "No space left on device" in said
        assert "Traceback" not in said
        assert "Exception ignored" not in said
