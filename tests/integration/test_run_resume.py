"""``clonewatch run``, killed or stopped at any moment, goes on where it was."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crawler.loopback.nameserver import NameServer, Zone
from tests.support.pages.sites import needs_browser
from tests.support.preloaded import Process
from tests.support.program import (
    HARMLESS,
    LURE,
    PROGRAM,
    ROOT,
    WebSite,
    background,
    clonewatch,
    environment,
    json_rows,
    make_brand,
    query,
    wait_until,
)

pytestmark = [*needs_browser, pytest.mark.heavy]
PAGES = 16
SLOTS = 3
OPEN = 7
"""Pages that are answered before the gate shuts: the run stands still in the middle of its work."""
LURES = {3, 8, 14}
"""Clones; nothing in their names tells, so that they are taken in the list's order: one before the gate, one at it, one after."""


def host(number: int) -> str:
    return f"garden{number}.test"


@pytest.fixture
def site() -> Iterator[WebSite]:
    pages = {host(number): LURE if number in LURES else HARMLESS for number in range(PAGES)}
    with WebSite(pages).serving() as served, NameServer(Zone().answer) as names:
        served.nameserver = names.address  # no look-alike name exists: the feed is all that is found
        yield served


@pytest.fixture
def workspace(tmp_path: Path, site: WebSite) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    make_brand(folder / "brands")
    (folder / "feed.txt").write_text("".join(f"{url}\n" for url in urls(site)))
    configure(folder, site)
    return folder


def urls(site: WebSite) -> list[str]:
    return [f"http://{host(number)}:{site.port}/" for number in range(PAGES)]


def configure(folder: Path, site: WebSite) -> None:
    (folder / "clonewatch.toml").write_text(f"""
brands = ["brands"]
[capture]
slots = {SLOTS}
second_looks = 0
settle_seconds = 0.3
total_seconds = 100.0
navigation_seconds = 90.0
resolve = ["*:{site.port}:127.0.0.1"]
allow_private = ["127.0.0.0/8"]
[store]
lease_seconds = 300
[discover]
nameservers = ["{site.nameserver}"]
max_names = 40
[[discover.feeds]]
name = "list"
location = "feed.txt"
""")


@contextmanager
def started(workspace: Path, *before: str) -> Iterator[Process]:
    """A run in the background, which does not outlive the test; ``before`` is what starts it."""
    pipe = subprocess.PIPE
    command = [*before, *PROGRAM, "run", "-w", str(workspace)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, env=environment())
        if before
        else background("run", "-w", workspace, stdout=pipe, stderr=pipe)
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def states(workspace: Path) -> Counter[str]:
    return Counter(dict(query(workspace, "select state, count(*) from backlog group by state")))


def end_leases(workspace: Path) -> None:
    """As if the time had gone by for which pages are leased."""
    with closing(sqlite3.connect(workspace / "clonewatch.sqlite", timeout=30)) as connection, connection:
        connection.execute("update backlog set lease_until = 0 where state = 'leased'")


def captured(workspace: Path) -> Counter[str]:
    return Counter(url for (url,) in query(workspace, "select url from captures"))


def run_until_stuck(workspace: Path, process: Process) -> Counter[str]:
    """Wait until the open pages are stored and every slot waits at the gate; what was captured."""

    def stuck() -> bool:
        return states(workspace) == {"done": OPEN, "leased": SLOTS, "ready": PAGES - OPEN - SLOTS}

    wait_until(stuck, process)
    return captured(workspace)


def all_is_done(workspace: Path, site: WebSite) -> None:
    assert captured(workspace) == Counter(urls(site))
    assert states(workspace) == {"done": PAGES}
    flagged = query(workspace, "select url from captures where decision = 'flagged'")
    assert {url for (url,) in flagged} == {urls(site)[number] for number in LURES}
    assert query(workspace, "select count(*) from cases") == [(3,)]
    assert (workspace / "reports" / "index.html").stat().st_size > 0


@pytest.mark.ordeal
def test_killed_and_started_again(workspace: Path, site: WebSite) -> None:
    site.open_for = OPEN
    with started(workspace) as process:
        before = run_until_stuck(workspace, process)
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert captured(workspace) == before

    site.gate.set()
    site.open_for = None
    seen = site.hits.copy()
    end_leases(workspace)
    again = clonewatch("run", "-w", workspace)
    assert again.returncode == 10, again.stderr
    assert f"{PAGES - OPEN} judged: " in again.stdout
    all_is_done(workspace, site)
    visited_again = site.hits - seen
    assert not {f"http://{name}:{site.port}/" for name in visited_again} & set(before), (
        "a finished page was visited again"
    )

    third = clonewatch("run", "--no-discover", "-w", workspace)
    assert third.returncode == 0, third.stderr
    assert "Nothing was due." in third.stdout
    all_is_done(workspace, site)

    flagged = json_rows(clonewatch("cases", "list", "--json", "-", "-w", workspace).stdout)
    confirmed = clonewatch("cases", "confirm", *(str(case["id"]) for case in flagged), "-w", workspace)
    assert confirmed.returncode == 0, confirmed.stderr
    first = clonewatch("takedown", "export", "-w", workspace)
    second = clonewatch("takedown", "export", "-w", workspace)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "3 cases exported" in first.stdout
    assert "No new case" in second.stdout
    lines = json_rows((workspace / "takedown" / "takedown.jsonl").read_text())
    assert len({line["id"] for line in lines}) == len(lines) == 3


@pytest.mark.ordeal
def test_a_killed_runs_pages_are_not_taken_before_their_leases_end(workspace: Path, site: WebSite) -> None:
    site.open_for = OPEN
    with started(workspace) as process:
        run_until_stuck(workspace, process)
        process.kill()
        process.communicate()
    site.gate.set()
    site.open_for = None
    again = clonewatch("run", "--no-discover", "-w", workspace)
    assert again.returncode == 10, again.stderr
    assert states(workspace) == {"done": PAGES - SLOTS, "leased": SLOTS}
    assert f"{SLOTS} pages are leased to another run, or to one that died" in " ".join(again.stdout.split())


@pytest.mark.ordeal
def test_ctrl_c_gives_back_what_was_begun(workspace: Path, site: WebSite) -> None:
    site.open_for = OPEN
    with started(workspace) as process:
        before = run_until_stuck(workspace, process)
        process.send_signal(signal.SIGINT)
        shown, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaint
    said = " ".join(complaint.decode().split())
    assert "stopped; finished work is stored, the rest stays in the backlog" in said
    assert f"{OPEN} judged: ".encode() in shown
    assert captured(workspace) == before
    assert states(workspace) == {"done": OPEN, "ready": PAGES - OPEN}

    site.gate.set()
    site.open_for = None
    again = clonewatch("run", "--no-discover", "-w", workspace)
    assert again.returncode == 10, again.stderr
    all_is_done(workspace, site)
    assert query(workspace, "select max(attempts) from backlog") == [(1,)]


@pytest.mark.ordeal
def test_a_polite_stop_is_one_in_the_background_of_a_script_too(workspace: Path, site: WebSite) -> None:
    """A shell without job control hands down that Ctrl-C is to be ignored; a service manager's SIGTERM is not."""
    site.open_for = OPEN
    with started(workspace, "sh", "-c", 'trap "" INT; exec "$@"', "sh") as process:
        before = run_until_stuck(workspace, process)
        process.terminate()
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaint
    assert captured(workspace) == before
    assert states(workspace) == {"done": OPEN, "ready": PAGES - OPEN}
