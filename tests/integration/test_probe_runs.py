"""Runs of the source ``probe``: the demo and a farm in full, a run that is killed, a disk that fills."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from zlib import crc32

import pytest

from benchmarks.farm.pages import CLONE, ERROR, INNOCENT, ORDINARY, PARKED, Page, demo_pages, made_pages, nothing
from benchmarks.probe import measure
from crawler.demo.server import DemoServers
from crawler.demo.sites import load_sites
from detector.brands import load_library
from detector.model import utcnow
from detector.workspace import Workspace
from tests.support.disk import fill, mounted_disk
from tests.support.pages.judges import CLONE_PAGE
from tests.support.probe_workspace import BRANDS, GARDEN, farm, found, guarded, probe, queue, waiting
from tests.support.processes import command_line, is_running
from tests.support.program import background, clonewatch, complains, wait_until
from tests.support.servers.discovery import make_lab, run_source

pytestmark = pytest.mark.heavy


@pytest.mark.ordeal
def test_the_demos_clones_are_sent_on_and_nothing_is_posted(tmp_path: Path) -> None:
    with DemoServers() as servers:
        sites = [site for site in load_sites() if site.kind != "official"]
        lab = tmp_path / "workspace"
        lab.mkdir()
        (lab / "clonewatch.toml").write_text(f"brands = {[str(brand) for brand in BRANDS]}\n", encoding="utf-8")
        guarded(lab, *servers.resolve)
        listed = tmp_path / "names.txt"
        listed.write_text("# what came today\n" + "\n".join(servers.url(site) for site in sites), encoding="utf-8")
        said = probe(lab, "--from", str(listed))
        assert f"{len(sites)} names queued of {len(sites)} given" in said
        sent = found(lab)
        for site in sites:
            if site.kind == "clone":
                assert site.brand in sent[servers.url(site)].brands, site.id
        innocent = {servers.url(site) for site in sites if site.kind == "innocent"}
        assert len(innocent & set(sent)) <= 2, "who sells or repairs a brand's things may be looked at more closely"
        assert servers.posts == 0
        assert waiting(lab) == (0, 4), "the parked, the walled, the missing and the silent one are seen again"
        assert "no name is due" in probe(lab)


@pytest.mark.ordeal
def test_a_farm_on_random_names(tmp_path: Path) -> None:
    """A small one of ``benchmarks/probe.py``: what must be sent on and what must not, and nothing of either lost."""
    library = load_library(BRANDS)
    pages = [*demo_pages(), *made_pages(library, 6, "dev")]
    ordinary = [Page(ORDINARY, "garden", GARDEN.replace(b"Roses", b"Roses %d" % number)) for number in range(150)]
    rest = [nothing(PARKED)] * 20 + [nothing(ERROR)] * 20
    names = {
        f"{crc32(str(number).encode()):x}q.example": page for number, page in enumerate((*pages, *ordinary, *rest))
    }
    dead = [f"dead{number}.example" for number in range(30)]
    run = measure(tmp_path, names, dead, brands=BRANDS, at_once=60)
    assert run.tried == len(names) + len(dead)
    missed = {page.name for host, page in names.items() if page.kind == CLONE and host not in run.sent}
    assert run.share(names, CLONE) >= 0.95, missed
    assert run.share(names, ORDINARY) == 0.0
    assert run.share(names, INNOCENT) <= 0.06
    assert run.share(names, PARKED) == run.share(names, ERROR) == 0.0
    with Workspace.open(tmp_path) as workspace:
        assert workspace.store.probes.counts(utcnow()) == (0, len(rest) + len(dead))


@pytest.mark.ordeal
def test_a_run_that_is_killed_loses_no_name_and_leaves_no_process(tmp_path: Path) -> None:
    lab = make_lab(tmp_path)
    pages = {f"n{number}.example": Page(CLONE, "", CLONE_PAGE) for number in range(1500)}
    with farm(lab, pages, "at_once = 10") as port:
        queue(lab, *(f"http://{host}:{port}/" for host in pages))
        quiet = subprocess.DEVNULL
        process = background("discover", "probe", "-w", lab, stdout=quiet, stderr=quiet, start_new_session=True)
        with Workspace.open(lab) as workspace:
            wait_until(lambda: workspace.store.counts()["due"] >= 50)
        children = _session(process.pid)
        assert len(children) >= 4, "the command, the spiders, the server that judges are forked from, and a judge"
        for pid in children[:2]:
            os.kill(pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not any(map(is_running, children)))
        with Workspace.open(lab) as workspace:
            before = workspace.store.counts()["due"]
            assert before < len(pages)
            # the lease of what the killed run had taken runs out
            taken, _ = workspace.store.probes.take(10_000, utcnow() + timedelta(hours=1))
            workspace.store.probes.release(taken, utcnow())
        run_source(lab, "probe")
        assert len(found(lab)) == len(pages)
        assert waiting(lab) == (0, 0)


def _session(leader: int) -> list[int]:
    """Processes of the session, in the order in which they began."""
    command = ["ps", "-o", "pid=", "--sort=start_time,pid", "--sid", str(leader)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    return [pid for pid in map(int, listed.stdout.split()) if b"resource_tracker" not in command_line(pid)]


@pytest.mark.ordeal
@pytest.mark.parametrize("room", [0, 120_000])
def test_a_disk_that_fills_costs_no_name(room: int) -> None:
    clone, ordinary = Page(CLONE, "", CLONE_PAGE), Page(ORDINARY, "", GARDEN)
    pages = {f"n{number}.test": clone if number % 2 else ordinary for number in range(60)}
    with mounted_disk("24m") as disk:
        lab = disk / "workspace"
        lab.mkdir()
        (lab / "clonewatch.toml").write_text(f"brands = {[str(brand) for brand in BRANDS]}\n", encoding="utf-8")
        with farm(lab, pages) as port:
            urls = [f"http://{host}:{port}/" for host in pages]
            queue(lab, *urls)
            ballast = fill(disk, leave=room)
            complains(clonewatch("probe", "-w", lab), 4, "disk")
            ballast.unlink()
            with Workspace.open(lab) as workspace:  # as if the time had gone by that a look may take
                taken, _ = workspace.store.probes.take(100, utcnow() + timedelta(hours=1))
                workspace.store.probes.release(taken, utcnow())
            probe(lab)
            assert set(found(lab)) == set(urls[1::2])
