"""Database and evidence on servers: S3 alone, and the whole flow with PostgreSQL and S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from detector.bundle import check_store, verify_bundle
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.store import Store
from tests.support.pages.sites import browser_is_missing
from tests.support.program import HARMLESS, LURE, WebSite, clonewatch, json_rows, make_brand
from tests.support.servers.bucket import bucket
from tests.support.servers.postgres import Server
from tests.support.store.evidence import Desk


@pytest.fixture
def place() -> Iterator[str]:
    with bucket() as url:
        yield url


def test_a_file_is_stored_once_and_read_back(place: str) -> None:
    evidence = Evidence(place)
    stored = evidence.put(b"picture", "image/png")
    assert evidence.put(b"picture", "image/png") == stored
    assert evidence.get(stored) == b"picture"
    assert Evidence(place).get(stored) == b"picture"
    names = s3fs.S3FileSystem().find(place)
    assert [name.rpartition("/")[2] for name in names] == [f"{stored.sha256}.png"]


def test_what_somebody_altered_or_deleted_is_told(place: str) -> None:
    evidence = Evidence(place)
    stored = evidence.put(b"picture", "image/png")
    files = s3fs.S3FileSystem()
    files.pipe_file(evidence.path(stored), b"other")
    with pytest.raises(EvidenceError, match="was altered"):
        evidence.get(stored)
    files.rm_file(evidence.path(stored))
    with pytest.raises(EvidenceError, match=r"cannot be read \(missing\)"):
        evidence.get(stored)
    evidence.put(b"picture", "image/png")
    assert evidence.get(stored) == b"picture"


def test_a_bucket_that_is_missing_and_a_server_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # both clients wait longer before each of five attempts
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    with bucket() as url:
        evidence = Evidence(url)
        stored = evidence.put(b"picture", "image/png")
        with pytest.raises(EvidenceError, match=r"bucket does not exist\); check that the bucket is there"):
            Evidence("s3://elsewhere/files").put(b"picture", "image/png")
    with pytest.raises(EvidenceError, match=r"could not be written .*network.*nothing that was stored is lost"):
        evidence.put(b"another", "image/png")
    with pytest.raises(EvidenceError, match="cannot be read"):
        evidence.get(stored)


def test_a_kind_of_place_that_nothing_speaks_to() -> None:
    with pytest.raises(EvidenceError, match=r"evidence at nowhere:// cannot be reached .*clonewatch\[s3\]"):
        Evidence("nowhere://bucket/files")


def test_a_chain_and_a_bundle_of_files_in_a_bucket(place: str, tmp_path: Path, database: str) -> None:
    with Store.open(database) as store:
        desk = Desk(tmp_path, store, Evidence(place), None)
        case = desk.add()
        bundle = desk.export(case, tmp_path / "out")
        assert check_store(store, desk.evidence).problems == []
        assert verify_bundle(bundle).intact
        [row] = list(store.captures.stream())
        screenshot = row[1].screenshot
        assert screenshot is not None
        s3fs.S3FileSystem().rm_file(desk.evidence.path(screenshot))
        assert check_store(store, desk.evidence).problems != []


@pytest.mark.ordeal
@pytest.mark.browser
@pytest.mark.skipif(browser_is_missing(), reason="no Chromium here: make setup installs one")
def test_the_whole_flow_with_both(place: str, postgres: Server, tmp_path: Path) -> None:
    make_brand(tmp_path / "brands")
    url = postgres.new_database()
    with WebSite({"clone.test": LURE, "garden.test": HARMLESS}).serving() as site:
        (tmp_path / "feed.txt").write_text(f"http://clone.test:{site.port}/\nhttp://garden.test:{site.port}/\n")
        (tmp_path / "clonewatch.toml").write_text(f"""
brands = ["brands"]
[capture]
resolve = ["*:{site.port}:127.0.0.1"]
allow_private = ["127.0.0.0/8"]
[store]
database = "{url}"
evidence = "{place}"
[[discover.feeds]]
name = "list"
location = "feed.txt"
""")
        where = ("-w", str(tmp_path))
        found = clonewatch("discover", "feeds", *where)
        assert found.returncode == 0, found.stderr
        done = clonewatch("run", "--no-discover", *where)
    assert done.returncode == 10, done.stdout + done.stderr
    assert "clone" in done.stdout
    assert (tmp_path / "reports" / "index.html").exists()
    case = clonewatch("cases", "confirm", "1", "--actor", "ann", *where)
    assert case.returncode == 0, case.stderr
    exported = clonewatch("takedown", "export", *where)
    assert exported.returncode == 0, exported.stderr
    [queue] = (tmp_path / "takedown").glob("*.jsonl")
    [line] = json_rows(queue.read_text())
    assert "clone.test" in json.dumps(line)
    checked = clonewatch("evidence", "check", *where)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert not (tmp_path / "clonewatch.sqlite").exists()
    assert not (tmp_path / "evidence").exists()
