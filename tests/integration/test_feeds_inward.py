"""Feeds that lead elsewhere: no redirect reaches a machine of the own network, and no secret another server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.discovery.runner import run_discovery
from crawler.discovery.source_tally import SourceTally
from detector.config import Feed
from detector.workspace import Workspace
from tests.support.servers.discovery import FeedServer, Page, write_brand

INWARD = {
    "address": "http://127.0.0.1:{port}/inner",
    "name": "http://localhost:{port}/inner",
    "short": "http://127.1:{port}/inner",
    "hexadecimal": "http://0x7f000001:{port}/inner",
    "decimal": "http://2130706433:{port}/inner",
    "mapped": "http://[::ffff:127.0.0.1]:{port}/inner",
    "unspecified": "http://0.0.0.0:{port}/inner",
    "no-scheme": "//127.0.0.1:{port}/inner",
    "two-readings": "http://feeds.example\\@127.0.0.1:{port}/inner",
    "user": "http://feeds.example@127.0.0.1:{port}/inner",
    "octal": "http://0177.0.0.1:{port}/inner",
    "full-width": "http://\uff11\uff12\uff17.0.0.1:{port}/inner",
    "dot-at-the-end": "http://localhost.:{port}/inner",
    "below-localhost": "http://any.localhost:{port}/inner",
    "compatible": "http://[::127.0.0.1]:{port}/inner",
    "translated": "http://[64:ff9b::7f00:1]:{port}/inner",
    "capital": "HTTP://LOCALHOST:{port}/inner",
    "metadata": "http://169.254.169.254/latest/meta-data",
}
"""Redirects of feeds; ``{port}`` is that of a server whose lines must not become candidates."""


@pytest.fixture
def brands(tmp_path: Path) -> Path:
    return write_brand(tmp_path / "brands", "paypal", 'name = "PayPal"\ndomains = ["paypal.com"]\n')


def read(workspace: Workspace, *feeds: Feed) -> dict[str, SourceTally]:
    return {tally.source: tally for tally in run_discovery(workspace, ["feeds"], feeds=feeds).sources}


def moved(target: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": target})


def test_no_redirect_of_a_feed_leads_inward(tmp_path: Path, brands: Path) -> None:
    with FeedServer({"/inner": Page(b"http://inner.example/\n")}) as inner:
        pages = {f"/{name}": moved(target.format(port=inner.port)) for name, target in INWARD.items()}
        pages |= {"/twice": moved("/address"), "/good": Page(b"http://good.example/\n")}
        with FeedServer(pages) as server, Workspace.open(tmp_path / "workspace", brands=[brands]) as workspace:
            tallies = read(workspace, *(Feed(name=path[1:], location=server.url(path)) for path in pages))
    assert inner.requests == []
    for name in (*INWARD, "twice"):
        tally = tallies[f"feeds:{name}"]
        assert (tally.failed, tally.found) == (True, 0), name
    for name in ("address", "name", "mapped", "unspecified", "twice"):
        assert "capture.allow_private" in tallies[f"feeds:{name}"].error, name
    assert tallies["feeds:good"].new == 1


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_permitted_redirect_takes_its_secret_along_only_to_the_same_server(
    tmp_path: Path, brands: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    monkeypatch.setenv("FEED_KEY", "Bearer word")
    listed = Page(b"http://one.example/\n")
    with FeedServer({"/list": listed}) as other:
        pages: dict[str, Page] = {"/list": listed}
        with FeedServer(pages) as server:
            pages["/moved"] = moved(other.url("/list") if elsewhere else "/list", 307)
            feed = Feed(name="list", location=server.url("/moved"), authorization="FEED_KEY")
            allowed = {"allow_private": ("127.0.0.0/8",)} if elsewhere else {}
            with Workspace.open(tmp_path / "workspace", brands=[brands], capture=allowed) as workspace:
                assert read(workspace, feed)["feeds:list"].new == 1
    requests = {"/moved": server.requests[0].headers, "/list": (other if elsewhere else server).requests[-1].headers}
    assert requests["/moved"]["authorization"] == "Bearer word"
    assert requests["/list"].get("authorization") == (None if elsewhere else "Bearer word")


SHOWN: dict[str, Callable[[str], str]] = {
    "token": lambda url: f"{url}?key=SECRET&list=SECRET",
    "bare": lambda url: f"{url}?SECRET",
    "password": lambda url: url.replace("://", "://reader:SECRET@"),
    "user": lambda url: url.replace("://", "://SECRET@"),
    "fragment": lambda url: f"{url}#SECRET",
    "closed": lambda url: f"http://reader:SECRET@127.0.0.1:9/{url[-4:]}?key=SECRET",
    "odd": lambda url: "http://reader:SECRET@[::1/list?key=SECRET",
}
"""Addresses of feeds with a secret, none of which can be read."""


def test_secrets_of_a_feeds_address_are_not_shown(tmp_path: Path, brands: Path) -> None:
    with FeedServer({}) as server, Workspace.open(tmp_path / "workspace", brands=[brands]) as workspace:
        feeds = [Feed(name=name, location=spell(server.url("/gone"))) for name, spell in SHOWN.items()]
        tallies = read(workspace, *feeds)
        stored = [row.error for row in workspace.store.runs.latest(9)]
    for name in SHOWN:
        tally = tallies[f"feeds:{name}"]
        assert tally.failed
        assert "SECRET" not in f"{tally.error} {tally.note}", name
    assert not any("SECRET" in error for error in stored)
    assert "SECRET" not in (tmp_path / "workspace" / "clonewatch.sqlite").read_bytes().decode("latin-1")
