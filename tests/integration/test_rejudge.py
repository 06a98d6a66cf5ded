"""Cleared pages are judged again when a brand is new: in this process, and by workers of a broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.jobs.broker.celery_app import JUDGE, JUDGE_TASK, make_app
from detector.config import BrokerConfig
from detector.model import CaseState, Decision
from detector.workspace import Workspace
from tests.support.pages.sites import needs_browser
from tests.support.program import (
    BRAND,
    HARMLESS,
    LURE,
    ROOT,
    WebSite,
    clonewatch,
    complains,
    lab_options,
    make_brand,
    query,
    wait_until,
)
from tests.support.servers.brokers import started
from tests.support.servers.rabbitmq import Broker

pytestmark = [*needs_browser, pytest.mark.heavy, pytest.mark.timeout(300)]
CLONES, OTHERS = ("one.test", "two.test"), ("garden.test",)
DEADLY = """
import os, pathlib
import crawler.examine.rejudging
def judge(self, capture_id):
    with pathlib.Path(os.environ["DEATHS"]).open("a") as deaths:
        deaths.write(f"{capture_id}\\n")
    os._exit(9)
crawler.examine.rejudging.Rejudger.judge = judge
"""


@pytest.fixture
def site() -> Iterator[WebSite]:
    with WebSite(dict.fromkeys(CLONES, LURE) | dict.fromkeys(OTHERS, HARMLESS)).serving() as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, site: WebSite) -> Path:
    """Three pages were seen and cleared; then the brand of two of them was added."""
    folder = tmp_path / "ws"
    (folder / "brands" / "other").mkdir(parents=True)
    (folder / "brands" / "other" / "brand.toml").write_text('name = "Brellifax"\ndomains = ["brellifax.example"]\n')
    configure(folder)
    urls = [f"http://{host}:{site.port}/" for host in (*CLONES, *OTHERS)]
    done = clonewatch("scan", *urls, "-w", folder, *lab_options(site.port))
    assert done.returncode == 0, done.stderr
    assert query(folder, "select decision, count(*) from captures group by 1") == [("clear", 3)]
    make_brand(folder / "brands")
    return folder


def configure(folder: Path, broker: str = "") -> None:
    (folder / "clonewatch.toml").write_text(
        f'brands = ["brands"]\n[capture]\nslots = 1\nsecond_looks = 0\nsettle_seconds = 0.2\n[broker]\nurl = "{broker}"\n'
    )


def said(folder: Path) -> str:
    return (folder / "said.log").read_text()


def test_a_brand_that_is_added_later_is_found_in_what_was_seen(workspace: Path, site: WebSite) -> None:
    seen = site.hits.copy()
    done = clonewatch("rejudge", "-w", workspace)
    complains(done, 10)
    assert "3 cleared pages were judged again: 2 flagged, 0 to review." in done.stdout
    assert site.hits == seen, "nothing is fetched"
    with Workspace.open(workspace) as opened:
        cases = opened.store.cases.find()
        assert {(case.site, case.brand, case.verdict.decision) for case in cases} == {
            (f"{host}:{site.port}", BRAND, Decision.FLAGGED) for host in CLONES
        }
        assert all(opened.store.chain.manifest_of(case.capture_id) for case in cases)
    complains(clonewatch("evidence", "check", "-w", workspace), 0)
    assert query(workspace, "select url, sources from backlog where state = 'ready' order by url") == [
        (f"http://{host}:{site.port}/", '["scan","rejudge"]') for host in CLONES
    ]
    again = clonewatch("rejudge", "-w", workspace)
    assert (again.returncode, "1 cleared page was judged again: 0 flagged" in again.stdout) == (0, True)

    # the fresh look keeps all evidence, and takes the place of the old one in the case
    complains(clonewatch("run", "--no-discover", "-w", workspace, *lab_options(site.port)), 10)
    with Workspace.open(workspace) as opened:
        assert [(case.state, case.capture.bundle is not None) for case in opened.store.cases.find()] == [
            (CaseState.NEW, True)
        ] * 2
        assert opened.store.counts()["captures"] == 5


def test_nothing_to_judge_is_said(workspace: Path) -> None:
    done = clonewatch("rejudge", "--days", "0", "-w", workspace)
    assert (done.returncode, done.stdout) == (0, "No page was cleared within 0 days.\n")
    for days in ("-1", "nan", "1e300", "inf"):
        complains(clonewatch("rejudge", "--days", days, "-w", workspace), 2, "--days")


def test_workers_judge_what_rabbitmq_brings(workspace: Path, rabbit_node: Broker) -> None:
    configure(workspace, rabbit_node.url)
    _sent_and_judged(workspace)


def test_workers_judge_what_redis_brings(workspace: Path, redis_url: str) -> None:
    configure(workspace, redis_url)
    _sent_and_judged(workspace)


def _sent_and_judged(workspace: Path) -> None:
    with Workspace.open(workspace) as opened:
        app = make_app(opened.config.broker)
    for words in (["x"], [-1], [None], [2**70], [{"a": 1}], [4711]):
        app.send_task(JUDGE_TASK, args=words, queue=JUDGE, retry=False)
    for _ in range(2):  # asked twice, judged once
        done = clonewatch("rejudge", "-w", workspace)
        complains(done, 0)
        assert "3 cleared pages were sent to the workers" in done.stdout
    with started(workspace, "worker -Q judge") as [process]:
        wait_until(lambda: query(workspace, "select count(*) from cases") == [(2,)], process)
        wait_until(lambda: said(workspace).count("a message without a valid capture id was dropped") == 5, process)
        process.terminate()
        assert process.wait(60) in (0, 130)
    assert query(workspace, "select decision, count(*) from captures group by 1 order by 1") == [
        ("clear", 1),
        ("flagged", 2),
    ]
    assert "Traceback" not in said(workspace)


@pytest.mark.ordeal
def test_a_capture_whose_judging_ends_workers_is_passed_over(
    workspace: Path, tmp_path: Path, rabbit_node: Broker
) -> None:
    configure(workspace, rabbit_node.url)
    _deadly(workspace, tmp_path, at_most=4)


@pytest.mark.ordeal
def test_the_same_on_redis(workspace: Path, tmp_path: Path, redis_url: str) -> None:
    configure(workspace, redis_url)
    _deadly(workspace, tmp_path, at_most=2)


def _deadly(workspace: Path, tmp_path: Path, at_most: int) -> None:
    (tmp_path / "deadly").mkdir()
    (tmp_path / "deadly" / "sitecustomize.py").write_text(DEADLY)
    deaths = tmp_path / "deaths"
    with Workspace.open(workspace) as opened:
        config: BrokerConfig = opened.config.broker
        ids = [number for number, *_ in opened.store.captures.stream()]
    make_app(config).send_task(JUDGE_TASK, args=[ids[0]], queue=JUDGE, retry=False)
    more = {"PYTHONPATH": f"{tmp_path / 'deadly'}:{ROOT}", "DEATHS": str(deaths)}
    with started(workspace, "worker -Q judge", env=more) as [process]:
        wait_until(deaths.exists, process)
        make_app(config).send_task(JUDGE_TASK, args=["last"], queue=JUDGE, retry=False)
        wait_until(lambda: "a message without a valid capture id was dropped" in said(workspace), process)
        wait_until(lambda: len(deaths.read_text().split()) in (at_most - 1, at_most), process)
    assert set(deaths.read_text().split()) == {str(ids[0])}


@pytest.mark.ordeal
def test_a_broker_that_is_away_is_told(workspace: Path, rabbit_node: Broker) -> None:
    configure(workspace, rabbit_node.url)
    rabbit_node.kill()
    try:
        complains(
            clonewatch("rejudge", "-w", workspace), 4, "the broker does not answer", "0 pages were sent of 3", "--here"
        )
        assert clonewatch("rejudge", "--here", "-w", workspace).returncode == 10
    finally:
        rabbit_node.start()
