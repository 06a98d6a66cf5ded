"""``clonewatch discover`` and ``scrapy crawl`` as a user calls them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from crawler.discovery.child_messages import DiscoveryJob
from crawler.loopback.nameserver import NameServer, Zone
from detector.config import load_config
from detector.workspace import Workspace
from tests.support.preloaded import Process
from tests.support.program import ROOT, background, clonewatch, complains
from tests.support.servers.discovery import make_lab

pytestmark = pytest.mark.heavy


def call(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "CLONEWATCH_WORKSPACE"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", *command],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(ROOT), "COLUMNS": "300"} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own."""
    return make_lab(tmp_path)


def configure(folder: Path, server: NameServer, *, seconds: float = 2.0) -> None:
    with (folder / "clonewatch.toml").open("a", encoding="utf-8") as file:
        file.write(f'[discover]\nnameservers = ["{server.address}"]\nmax_names = 60\ndns_seconds = {seconds}\n')


def urls(folder: Path) -> set[str]:
    with Workspace.open(folder) as workspace:
        return {claim.candidate.url for claim in workspace.store.backlog.claim(1000)}


def test_scrapy_lists_the_spiders() -> None:
    done = call("scrapy", "list")
    assert (done.returncode, done.stdout.split()) == (
        0,
        ["certstream", "ct_logs", "feeds", "links", "new_names", "permutations", "probe", "recheck", "reports"],
    )


def test_scrapy_crawl_and_clonewatch_discover_do_the_same(lab: Path) -> None:
    zone = Zone(addresses={"ostrelin-login.com": ["192.0.2.1"], "ostrelin-support.com": ["192.0.2.2"]})
    with NameServer(zone.answer) as server:
        configure(lab, server)
        crawled = call("scrapy", "crawl", "permutations", "-a", "brand=ostrelin", CLONEWATCH_WORKSPACE=str(lab))
        found = urls(lab)
        (lab / "clonewatch.sqlite").unlink()
        discovered = clonewatch("discover", "permutations", "--brand", "ostrelin", "-w", lab)
    assert crawled.returncode == 0, crawled.stderr
    assert discovered.returncode == 0, discovered.stderr
    assert found == {"https://ostrelin-login.com/", "https://ostrelin-support.com/"} == urls(lab)
    assert crawled.stdout == ""
    assert "Traceback" not in crawled.stderr
    assert "permutations" in crawled.stderr
    assert "2 new candidates in the backlog." in discovered.stdout
    assert discovered.stderr.startswith("Looking up 60 lookalike names at most, of 1 brand")
    assert len(discovered.stderr.splitlines()) == 1


def test_scrapy_crawl_reads_a_feed(lab: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("link\nhttp://one.example/\n", encoding="utf-8")
    done = call(
        "scrapy", "crawl", "feeds", "-a", f"feed={tmp_path / 'list.csv'}", "-a", "format=csv", "-a", "url_field=link",
        "-s", f"CLONEWATCH_WORKSPACE={lab}", "-s", "CLONEWATCH_FLUSH_SECONDS=3600", "-s", "CLONEWATCH_BATCH=1000",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert urls(lab) == {"http://one.example/"}


def test_a_weight_for_an_unknown_source_is_reported_before_any_source_is_read(lab: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("http://new.example/\n")
    configuration = lab / "clonewatch.toml"
    right = configuration.read_text(encoding="utf-8")
    configuration.write_text(f"{right}\n[discover.brand_weights]\nnobody = 2.0\n", encoding="utf-8")
    refused = clonewatch("discover", "feeds", "--from", listed, "-w", lab)
    complains(refused, 3, "discover.brand_weights: there is no brand 'nobody'")
    configuration.write_text(right, encoding="utf-8")
    done = clonewatch("discover", "feeds", "--from", listed, "-w", lab)
    assert "1 new candidate in the backlog" in done.stdout + done.stderr


def test_lists_from_files_pipes_and_elsewhere(lab: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("http://one.example/\nhttp://x.ostrelin.example/\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere" / "crawler"
    elsewhere.mkdir(parents=True)  # a folder that is called like the program
    (elsewhere / "__init__.py").write_text("raise SystemExit('not the program')", encoding="utf-8")
    done = call("crawler.cli.launch", "discover", "--from", "../list.txt", "-w", str(lab), cwd=tmp_path / "workspace")
    assert done.returncode == 0, done.stderr
    assert "1 new candidate in the backlog." in done.stdout
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    piped = subprocess.run(
        [sys.executable, "-P", "-m", "crawler.cli.launch", "discover", "--from", "-", "-w", str(lab)],
        cwd=elsewhere.parent, env=environment, input=b"http://two.example/\n", capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert piped.returncode == 0, piped.stderr
    assert urls(lab) == {"http://one.example/", "http://two.example/"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "nowhere.txt"), 4, "every source failed: feeds:nowhere.txt"),
        (("nonsense",), 2, "there is no source 'nonsense'"),
        (("feeds", "--brand", "nobody"), 2, "unknown brand nobody"),
        (
            ("--from", "ftp://x.example/list"),
            2,
            "'ftp://x.example/list' cannot be read as a feed; name a file or an http(s) address",
        ),
        (("--from", "x", "--format", "xml"), 2, "there is no feed format 'xml'"),
        (("permutations", "--from", "x"), 2, "--from is read by the source `feeds`"),
    ],
)
def test_mistakes_have_exit_codes(lab: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = clonewatch("discover", *words, "-w", lab)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def stuck(lab: Path) -> Iterator[tuple[Path, NameServer]]:
    """A lab whose name server answers for one name and keeps the asker waiting for another."""
    zone = Zone(addresses={"ostrelin-login.com": ["192.0.2.1"]}, silent={"ostrelin-verify.com"})
    with NameServer(zone.answer) as server:
        configure(lab, server, seconds=600.0)
        yield lab, server


def wait_for_a_stored_name(folder: Path, process: Process) -> None:
    with Workspace.open(folder) as workspace:
        while workspace.store.counts()["due"] == 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                pytest.fail("the run ended before it had stored anything")


def job_in_a_process(lab: Path) -> subprocess.Popen[bytes]:
    job = DiscoveryJob(workspace=str(lab), config=load_config(lab), sources=("permutations",))
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.discovery.child_main"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(job) + b"\n")
    process.stdin.flush()
    return process


@pytest.mark.ordeal
def test_an_orphan_ends_in_good_order(stuck: tuple[Path, NameServer]) -> None:
    lab, _ = stuck
    with job_in_a_process(lab) as process:
        assert process.stdin is not None
        wait_for_a_stored_name(lab, process)
        process.stdin.close()  # the starter is gone
        assert process.wait(60) == 0
    assert urls(lab) == {"https://ostrelin-login.com/"}


@pytest.mark.ordeal
def test_a_killed_job_loses_nothing_that_was_stored(stuck: tuple[Path, NameServer]) -> None:
    lab, _ = stuck
    with job_in_a_process(lab) as process:
        wait_for_a_stored_name(lab, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
    assert urls(lab) == {"https://ostrelin-login.com/"}


def test_ctrl_c_stops_the_spiders_and_keeps_what_they_found(stuck: tuple[Path, NameServer]) -> None:
    lab, _ = stuck
    command = [sys.executable, "-m", "crawler.cli.launch", "discover", "permutations", "-w", str(lab)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True) as process:
        wait_for_a_stored_name(lab, process)
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaint
    assert urls(lab) == {"https://ostrelin-login.com/"}


@pytest.mark.ordeal
def test_ctrl_c_in_the_middle_of_a_long_list(lab: Path, tmp_path: Path) -> None:
    listed = tmp_path / "long.txt"
    listed.write_text("".join(f"http://{number}.example/\n" for number in range(500_000)), encoding="utf-8")
    command = ("discover", "--from", listed, "-w", lab)
    with background(*command, stderr=subprocess.PIPE, start_new_session=True) as process:
        wait_for_a_stored_name(lab, process)
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaint
    with Workspace.open(lab) as workspace:
        assert 0 < workspace.store.counts()["due"] < 500_000
