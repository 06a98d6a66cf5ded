"""A browser that is missing, dies at start, hangs or goes away, no room: a sentence with the remedy, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import crawler.browser.browser_process
from benchmarks.process_tree import descendants
from crawler.browser.browser_process import try_browser
from crawler.browser.browser_program import find_browser
from crawler.browser.launch_diagnosis import OVERRIDE
from crawler.capture.capturer import Capturer
from detector.errors import BrowserMissing
from detector.evidence import Evidence
from tests.support.disk import mounted_disk
from tests.support.pages.sites import needs_browser, quick
from tests.support.program import (
    HARMLESS,
    PROGRAM,
    ROOT,
    WebSite,
    clonewatch,
    complains,
    environment,
    make_brand,
    query,
)

pytestmark = needs_browser


def program(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def left(folder: Path) -> list[str]:
    """Files that browsers and their driver have left in ``folder``."""
    return [path.name for path in folder.iterdir() if "clonewatch" in path.name or "playwright" in path.name]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that nobody else uses."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def test_what_is_named_but_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    for named, told in (
        (tmp_path, "a folder, not a program"),
        (plain, f"chmod +x {plain}"),
        ("/nowhere", "no program"),
    ):
        monkeypatch.setenv(OVERRIDE, str(named))
        with pytest.raises(BrowserMissing, match=f"{OVERRIDE}.*{told}".replace("+", r"\+")):
            find_browser()


async def test_one_that_ends_at_once_is_quoted_and_leaves_nothing(temporary: Path, tmp_path: Path) -> None:
    before = descendants()
    dies = program(
        tmp_path / "dies", "echo 'error while loading shared libraries: libnss3.so: no such file' >&2", "exit 127"
    )
    with pytest.raises(BrowserMissing, match=r"libnss3\.so.*install-deps"):
        await try_browser(dies)
    with pytest.raises(BrowserMissing, match=r"ended without any output.*make setup"):
        await try_browser(program(tmp_path / "silent", "exit 0"))
    assert descendants().keys() <= before.keys()
    assert left(temporary) == []


@pytest.mark.ordeal
async def test_one_that_hangs_is_given_up_and_killed(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawler.browser.browser_process, "LAUNCH_SECONDS", 2.0)
    monkeypatch.setenv(OVERRIDE, str(program(tmp_path / "hangs", "exec sleep 600")))
    before = descendants()
    with pytest.raises(BrowserMissing, match=r"runs but does not answer"):
        async with Capturer(quick(), Evidence("memory://hangs")):
            pass
    assert descendants().keys() <= before.keys()
    assert left(temporary) == []


async def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(BrowserMissing, match=r"no temporary folder.*TMPDIR"):
        await try_browser(find_browser())


def test_a_disk_of_temporary_files_that_is_full(tmp_path: Path) -> None:
    brands = make_brand(tmp_path / "brands")
    with mounted_disk("16k", files=2) as disk:  # the disk's own folder is one of the two
        words = ("scan", "http://a.test/", "-w", tmp_path / "ws", "--brands", brands)
        complains(clonewatch(*words, env={"TMPDIR": str(disk)}), 4, "No space left", str(disk), "TMPDIR")
    assert query(tmp_path / "ws", "select count(*) from captures") == [(0,)]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit here")
@pytest.mark.parametrize("allowed", [24, 40])
def test_too_few_open_files(tmp_path: Path, allowed: int) -> None:
    words = ["scan", "http://a.test/", "-w", str(tmp_path / "ws"), "--brands", str(make_brand(tmp_path / "brands"))]
    limited = f"ulimit -n {allowed}; exec " + '"$@"'
    done = subprocess.run(
        ["sh", "-c", limited, "sh", *PROGRAM, *words],
        cwd=ROOT, capture_output=True, timeout=120, check=False, env=environment(),
    )  # fmt: skip
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == 4, said
    assert "ulimit -n" in said


PAGES = 8


@pytest.mark.ordeal
def test_a_browser_that_goes_away_during_a_run_loses_nothing(tmp_path: Path) -> None:
    real = find_browser()
    wrapped = program(tmp_path / "browser", f'exec {real} "$@"')
    workspace, brands = tmp_path / "ws", make_brand(tmp_path / "brands")
    workspace.mkdir()
    with WebSite({"*": HARMLESS}).serving() as site:
        urls = [f"http://shop{number}.test:{site.port}/" for number in range(PAGES)]
        (workspace / "list.txt").write_text("".join(f"{url}\n" for url in urls))
        (workspace / "clonewatch.toml").write_text(f"""
brands = ["{brands}"]
[capture]
slots = 1
recycle_after = 3
second_looks = 0
settle_seconds = 0.3
resolve = ["*:{site.port}:127.0.0.1"]
allow_private = ["127.0.0.0/8"]
""")
        assert clonewatch("discover", "--from", workspace / "list.txt", "-w", workspace).returncode == 0
        # it takes itself away as it starts: the first browser is also the last one
        program(wrapped, 'rm -f "$0"', f'exec {real} "$@"')
        env = {OVERRIDE: str(wrapped)}
        complains(clonewatch("run", "--no-discover", "-w", workspace, env=env), 4, str(wrapped), "does not start")
        states = Counter(dict(query(workspace, "select state, count(*) from backlog group by state")))
        assert states == {"done": 3, "ready": PAGES - 3}
        assert clonewatch("run", "--no-discover", "-w", workspace, env={OVERRIDE: str(real)}).returncode == 0
    assert Counter(url for (url,) in query(workspace, "select url from captures")) == Counter(urls)
    assert query(workspace, "select distinct state from backlog") == [("done",)]
