"""Feeds from disk and from a real web server into a real backlog."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.discovery.runner import DiscoverySummary, run_discovery
from crawler.discovery.source_tally import SourceTally
from detector.config import Feed
from detector.errors import EnvironmentFault, SourceError, UsageError
from detector.model import Candidate
from detector.store import text_key
from detector.workspace import Workspace
from tests.support.servers.discovery import FeedServer, Page, write_brand

PAYPAL = 'name = "PayPal"\ndomains = ["paypal.com"]\n'


@pytest.fixture
def brands(tmp_path: Path) -> Path:
    return write_brand(tmp_path / "brands", "paypal", PAYPAL)


def open_workspace(tmp_path: Path, brands: Path, **discover: object) -> Workspace:
    return Workspace.open(tmp_path / "workspace", brands=[brands], discover=discover)


def by_source(summary: DiscoverySummary) -> dict[str, SourceTally]:
    return {tally.source: tally for tally in summary.sources}


def backlog(workspace: Workspace) -> dict[str, Candidate]:
    claims = workspace.store.backlog.claim(1000)
    return {claim.candidate.url: claim.candidate for claim in claims}


def test_each_feed_gives_what_it_can_and_says_what_it_cannot(tmp_path: Path, brands: Path) -> None:
    half = json.dumps([{"url": f"http://half{number}.example/"} for number in range(50)]).encode()
    short = b"".join(b"http://short%d.example/\n" % number for number in range(50))
    listed = b"http://one.example/\nhttp://www.paypal.com/\nhxxp://one[.]example/\nnonsense\n"
    pages = {
        "/plain.txt": Page(listed, headers={"Content-Type": "text/plain", "ETag": '"v1"'}),
        "/packed.csv.gz": Page(gzip.compress(b"id,url,target\n1,http://two.example/,PayPal Inc\n")),
        "/encoded": Page(gzip.compress(b'["http://three.example/"]'), headers={"Content-Encoding": "gzip"}),
        "/bomb": Page(gzip.compress(b"http://bomb.example/\n" * 2_000_000)),
        "/large": Page(b"".join(b"http://large%d.example/\n" % number for number in range(20_000))),
        "/half.json": Page(half[: len(half) // 2]),
        "/short": Page(short, claimed_length=len(short) * 2),
        "/page": Page(b"<!DOCTYPE html><html></html>", headers={"Content-Type": "text/html"}),
        "/gone": Page(b"gone", status=410),
    }
    with FeedServer(pages) as server:
        feeds = tuple(Feed(name=path[1:], location=server.url(path)) for path in (*pages, "/missing"))
        with open_workspace(tmp_path, brands, feeds=feeds, max_feed_bytes=200_000) as workspace:
            tallies = by_source(run_discovery(workspace, ["feeds"]))
            found = backlog(workspace)
            remembered = workspace.store.sources.get("feeds:gone", text_key("error"))
        asked = {request.target: request.headers for request in server.requests}
    plain = tallies["feeds:plain.txt"]
    assert (plain.found, plain.new, plain.owned, plain.seen, plain.dropped) == (3, 1, 1, 1, 0)
    assert "line 4, 'nonsense': not read" in plain.note
    assert tallies["feeds:packed.csv.gz"].new == tallies["feeds:encoded"].new == 1
    assert found["http://two.example/"].brands == ("paypal",)
    assert found["http://two.example/"].source == "feeds:packed.csv.gz"
    assert found["http://two.example/"].priority > found["http://three.example/"].priority > 0
    for name, new in (("bomb", 1), ("large", None), ("half.json", None), ("short", 50)):
        tally = tallies[f"feeds:{name}"]
        assert tally.error and not tally.failed, name  # noqa: PT018
        assert tally.new == new if new else tally.new > 0, name
    assert "cut after 200000 bytes" in tallies["feeds:bomb"].error
    assert "cut after 200000 bytes" in tallies["feeds:large"].error
    assert tallies["feeds:half.json"].error == "the JSON ends too early"
    assert "connection ended" in tallies["feeds:short"].error
    for name, reason in (("page", "web page"), ("gone", "410"), ("missing", "404")):
        tally = tallies[f"feeds:{name}"]
        assert tally.failed, name
        assert reason in tally.error
    assert "410" in json.loads(remembered or "{}")["reason"]
    assert "/robots.txt" not in asked
    assert asked["/plain.txt"]["user-agent"].startswith("clonewatch/")
    assert "cookie" not in asked["/plain.txt"]


def test_an_unchanged_feed_is_not_read_again_and_a_changed_one_is(tmp_path: Path, brands: Path) -> None:
    page = Page(b"http://one.example/\n", headers={"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"})
    with FeedServer({"/list": page}) as server:
        feeds = (Feed(name="list", location=server.url("/list")),)
        with open_workspace(tmp_path, brands, feeds=feeds) as workspace:
            first = by_source(run_discovery(workspace, ["feeds"]))["feeds:list"]
            second = by_source(run_discovery(workspace, ["feeds"]))["feeds:list"]
            page.headers["ETag"] = '"v2"'
            page.body += b"http://two.example/\n"
            third = by_source(run_discovery(workspace, ["feeds"]))["feeds:list"]
        headers = [request.headers for request in server.requests]
    assert (first.new, second.found, third.new, third.seen) == (1, 0, 1, 1)
    assert "unchanged" in second.note
    assert "if-none-match" not in headers[0]
    assert headers[1]["if-none-match"] == '"v1"'
    assert headers[1]["if-modified-since"] == "Mon, 23 Nov 2026 10:00:00 GMT"


def test_files_folders_and_unreachable_servers(tmp_path: Path, brands: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("http://good.example/\n")
    with FeedServer({}) as server:
        dead = server.url("/x")
    feeds = [
        Feed(name="good", location=str(good)),
        Feed(name="folder", location=str(tmp_path)),
        Feed(name="missing", location=str(tmp_path / "missing")),
        Feed(name="dead", location=dead),
    ]
    with open_workspace(tmp_path, brands) as workspace:
        summary = run_discovery(workspace, ["feeds"], feeds=feeds)
        assert set(backlog(workspace)) == {"http://good.example/"}
        assert {tally.source for tally in summary.failed} == {"feeds:folder", "feeds:missing", "feeds:dead"}
        summary.raise_if_all_failed()
        nothing = run_discovery(workspace, ["feeds"], feeds=feeds[1:])
    assert all(tally.error for tally in summary.failed)
    with pytest.raises(SourceError, match="every source failed"):
        nothing.raise_if_all_failed()


def test_a_store_that_refuses_ends_the_run_with_its_reason(tmp_path: Path, brands: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"http://{number}.example/\n" for number in range(1000)))
    with open_workspace(tmp_path, brands) as workspace:
        with contextlib.closing(sqlite3.connect(tmp_path / "workspace" / "clonewatch.sqlite")) as database:
            database.execute("ALTER TABLE backlog RENAME TO elsewhere")
            database.commit()
        with pytest.raises(EnvironmentFault, match="backlog"):
            run_discovery(workspace, ["feeds"], feeds=[Feed(name="list", location=str(listed))])


def test_no_feed_is_no_failure(tmp_path: Path, brands: Path) -> None:
    with open_workspace(tmp_path, brands) as workspace:
        summary = run_discovery(workspace, ["feeds"])
        summary.raise_if_all_failed()
    assert "no feed is configured" in by_source(summary)["feeds"].note


def test_unknown_words_are_refused(tmp_path: Path, brands: Path) -> None:
    with open_workspace(tmp_path, brands) as workspace:
        with pytest.raises(UsageError, match=r"there is no source 'nonsense'; known: .*feeds.*permutations"):
            run_discovery(workspace, ["nonsense"])
        with pytest.raises(UsageError, match="unknown brand nobody"):
            run_discovery(workspace, ["feeds"], ["nobody"])


def test_a_taxii_collection_is_read_page_by_page_and_then_from_where_it_was(
    tmp_path: Path, brands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def objects(*urls: str, following: str = "") -> Page:
        listed = [
            {"type": "url", "id": f"url--00000000-0000-4000-8000-{number:012}", "value": url}
            for number, url in enumerate(urls)
        ]
        envelope = {"objects": listed} | ({"more": True, "next": following} if following else {})
        headers = {
            "Content-Type": "application/taxii+json;version=2.1",
            "X-TAXII-Date-Added-Last": "2026-11-28T10:00:00.000001Z",
        }
        return Page(json.dumps(envelope).encode(), headers=headers)

    after = "/objects/?added_after=2026-11-28T10%3A00%3A00.000001Z"
    pages = {
        "/objects/": objects("http://one.example/", "http://two.example/", following="p 2"),
        "/objects/?next=p+2": objects("http://three.example/"),
        after: objects(),
    }
    monkeypatch.setenv("TAXII_TEST", "Basic dGVzdA==")
    with FeedServer(pages) as server:
        feed = Feed(name="cert", location=server.url("/objects/"), format="taxii", authorization="TAXII_TEST")
        with open_workspace(tmp_path, brands, feeds=(feed,)) as workspace:
            tally = by_source(run_discovery(workspace, ["feeds"]))["feeds:cert"]
            assert (tally.new, tally.error) == (3, "")
            again = by_source(run_discovery(workspace, ["feeds"]))["feeds:cert"]
            assert (again.found, again.error) == (0, "")
    assert [request.target for request in server.requests] == ["/objects/", "/objects/?next=p+2", after]
    assert {request.headers["accept"] for request in server.requests} == {"application/taxii+json;version=2.1"}
    assert {request.headers["authorization"] for request in server.requests} == {"Basic dGVzdA=="}


def test_of_a_taxii_collection_nothing_is_left_out_between_two_runs(tmp_path: Path, brands: Path) -> None:
    """Objects that were added at one moment stand on two pages: the next run must ask for those of that moment once more."""

    def objects(added: str, url: str, following: str = "") -> Page:
        listed = [{"type": "url", "id": "url--00000000-0000-4000-8000-000000000001", "value": url}]
        envelope = {"objects": listed} | ({"more": True, "next": following} if following else {})
        headers = {"Content-Type": "application/taxii+json;version=2.1", "X-TAXII-Date-Added-Last": added}
        return Page(json.dumps(envelope).encode(), headers=headers)

    same = "2026-11-28T10:00:00.000001Z"
    before = "/objects/?added_after=2026-11-28T10%3A00%3A00.000000Z"
    pages = {
        "/objects/": objects(same, "http://one.example/", "2"),
        "/objects/?next=2": Page(status=500),
        before: objects(same, "http://one.example/", "2"),
        f"{before}&next=2": objects(same, "http://two.example/"),
    }
    with FeedServer(pages) as server:
        feed = Feed(name="cert", location=server.url("/objects/"), format="taxii")
        with open_workspace(tmp_path, brands) as workspace:
            broken = by_source(run_discovery(workspace, ["feeds"], feeds=[feed]))["feeds:cert"]
            assert (broken.new, workspace.store.sources.get("feeds:cert", text_key("version"))) == (1, None)
            cut = by_source(run_discovery(workspace, ["feeds"], feeds=[replace(feed, max_entries=1)]))["feeds:cert"]
            assert "more is left for the next run" in cut.note
            rest = by_source(run_discovery(workspace, ["feeds"], feeds=[feed]))["feeds:cert"]
            assert (rest.new, rest.error) == (1, "")
            assert set(backlog(workspace)) == {"http://one.example/", "http://two.example/"}


def test_a_feed_without_its_secret_is_not_asked(tmp_path: Path, brands: Path) -> None:
    with FeedServer({"/list.txt": Page(b"http://one.example/\n")}) as server:
        feed = Feed(name="secret", location=server.url("/list.txt"), authorization="NO_SUCH_VARIABLE_HERE")
        other = Feed(name="open", location=server.url("/list.txt"))
        with open_workspace(tmp_path, brands, feeds=(feed, other)) as workspace:
            tallies = by_source(run_discovery(workspace, ["feeds"]))
    assert "NO_SUCH_VARIABLE_HERE is not set" in tallies["feeds:secret"].error
    assert tallies["feeds:open"].new == 1
    assert len(server.requests) == 1


def test_a_quota_leaves_room_for_others(tmp_path: Path, brands: Path) -> None:
    body = b"".join(b"http://name%d.example/\n" % number for number in range(50))
    with FeedServer({"/list.txt": Page(body, headers={"ETag": '"v1"'})}) as server:
        feed = Feed(name="loud", location=server.url("/list.txt"), max_entries=20)
        with open_workspace(tmp_path, brands, feeds=(feed,)) as workspace:
            tally = by_source(run_discovery(workspace, ["feeds"]))["feeds:loud"]
            assert (tally.new, tally.note) == (20, "cut after 20 entries (max_entries)")
            assert by_source(run_discovery(workspace, ["feeds"]))["feeds:loud"].seen == 20, (
                "it is asked for in full again"
            )


@pytest.mark.ordeal
def test_a_taxii_collection_is_read_whole_however_its_pages_are_packed(tmp_path: Path, brands: Path) -> None:
    """Gzip as it was asked for, ``next`` before and behind the objects, pages larger than what is parsed at once, tiny values."""

    def objects(name: str) -> list[dict[str, str]]:
        identifier = "url--00000000-0000-4000-8000-000000000001"
        return [{"type": "url", "id": identifier, "value": f"http://{name}.example/"}]

    kind = {"Content-Type": "application/taxii+json;version=2.1"}
    large = {"type": "note", "text": "x" * 1000}
    packed = {**kind, "Content-Encoding": "gzip"}
    envelopes = [
        ({"objects": objects("one"), "more": True, "next": "2"}, True),
        ({"more": True, "next": "3", "objects": [*[large] * 3000, *objects("two")]}, True),
        ({"objects": [*[large] * 3000, *objects("three")], "more": True, "next": 4}, False),
        ({"objects": [*objects("four"), *[0] * 1_000_000], "more": True, "next": "5"}, True),
        ({"objects": [*[{}] * 500_000, *objects("five")], "next": "6", "more": True}, True),
        ({"objects": [[[]]] * 200_000 + objects("six"), "more": False, "next": "7"}, True),
    ]
    pages = {}
    for number, (envelope, gzipped) in enumerate(envelopes, start=1):
        body = json.dumps(envelope).encode()
        target = "/objects/" if number == 1 else f"/objects/?next={number}"
        pages[target] = Page(gzip.compress(body) if gzipped else body, headers=packed if gzipped else kind)
    with FeedServer(pages) as server:
        feed = Feed(name="cert", location=server.url("/objects/"), format="taxii")
        with open_workspace(tmp_path, brands) as workspace:
            tally = by_source(run_discovery(workspace, ["feeds"], feeds=[feed]))["feeds:cert"]
            found = {url.split("/")[2].split(".")[0] for url in backlog(workspace)}
    assert (tally.error, found) == ("", {"one", "two", "three", "four", "five", "six"})
    assert [request.target for request in server.requests] == list(pages)


@pytest.mark.ordeal
def test_a_hostile_feed_is_named_in_a_sentence_and_the_next_one_is_read(tmp_path: Path, brands: Path) -> None:
    pages = {
        "/digits.json": Page(b'["http://a.example/", ' + b"9" * 5000 + b"]"),
        "/digits-in-object.json": Page(b'{"url": "http://b.example/", "n": -' + b"9" * 5000 + b"}"),
        "/exponent.json": Page(b'["http://c.example/", 1e' + b"9" * 5000 + b"]"),
        "/fraction.json": Page(b'["http://d.example/", 0.' + b"9" * 5000 + b"]"),
        "/surrogate.json": Page(b'["http://e.example/", "http://x.example/\\ud800"]'),
        "/quote.csv": Page(b'url,target\nhttp://f.example/,x\n"' + b"a\n" * 200_000 + b'"\nhttp://g.example/,x\n'),
        "/zeros": Page(gzip.compress(bytes(3_000_000))),
        "/members": Page(gzip.compress(b"http://h.example/\n") + gzip.compress(b"") * 3000),
        "/nested": Page(bz2.compress(bz2.compress(bz2.compress(bz2.compress(b"http://x.example/\n"))))),
        "/thrice": Page(bz2.compress(gzip.compress(bz2.compress(b"http://i.example/\n")))),
        "/long.json": Page(b'["http://j.example/", "' + b"x" * 3_000_000 + b'"]'),
        "/deep.json": Page(b'["http://k.example/", ' + b"[" * 100_000),
    }
    with FeedServer(pages | {"/good": Page(b"http://good.example/\n")}) as server:
        names = [*pages, "/good"]
        feeds = [Feed(name=path[1:], location=server.url(path)) for path in names]
        with open_workspace(tmp_path, brands, max_feed_bytes=5_000_000) as workspace:
            tallies = by_source(run_discovery(workspace, ["feeds"], feeds=feeds))
            found = {url.split("/")[2].split(".")[0] for url in backlog(workspace)}
    assert found == {*"abcdefghijk", "good"}
    errors = {source.removeprefix("feeds:"): tally.error for source, tally in tallies.items() if tally.error}
    assert set(errors) == {"members", "nested", "long.json", "deep.json"}
    assert "1000 empty parts" in errors["members"]
    assert "compressed more than 3 times" in errors["nested"]
    assert "longer than" in errors["long.json"]
    assert "nested too deeply" in errors["deep.json"]
