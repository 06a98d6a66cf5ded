"""``clonewatch profiles`` and ``scan --profile`` as their users run them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages.sites import needs_browser
from tests.support.program import HARMLESS, WebSite, clonewatch, complains, json_rows, lab_options, make_brand

SETTINGS = """
[capture]
profile = "phone-fr"
profiles = ["more.toml"]
second_looks = 0
[capture.proxies]
fr = "socks5://me:s3cret@127.0.0.1:{port}"
"""
MORE = '[places.fr]\ntitle = "[red]France[/]"\nlanguages = ["fr-FR", "fr"]\ntime_zone = "Europe/Paris"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """One with a place of its own, whose proxy is not there: the port is bound, and nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        (tmp_path / "clonewatch.toml").write_text(SETTINGS.format(port=holder.getsockname()[1]))
        (tmp_path / "more.toml").write_text(MORE)
        yield tmp_path


def test_profiles_are_listed_with_their_parts_and_proxies(workspace: Path) -> None:
    done = clonewatch("profiles", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    for word in ("iphone", "Europe/Paris", "[red]France[/]", "social", "socks5://127.0.0.1:"):
        assert word in done.stdout
    assert "s3cret" not in done.stdout
    rows = json_rows(clonewatch("profiles", "phone-fr@search", "--json", "-", "--workspace", workspace).stdout)
    assert [(row["languages"], row["referrer"]) for row in rows] == [(["fr-FR", "fr"], "https://www.google.com/")]
    assert "s3cret" not in str(rows)


def test_unknown_and_malformed_profiles_are_refused(workspace: Path) -> None:
    complains(
        clonewatch("profiles", "fridge", "--workspace", workspace), 2, "no device 'fridge'", "desktop, phone, iphone"
    )
    wrong = clonewatch("scan", "--profile", "phone-mars", "http://shop.example/", "--workspace", workspace)
    complains(wrong, 2, "no place 'mars'", "us, au, ca")
    (workspace / "more.toml").write_text("[places.fr]\nlanguages = 1\n")
    complains(clonewatch("profiles", "--workspace", workspace), 3, "more.toml", "[places.fr]", "languages")


@needs_browser[0]
@needs_browser[1]
def test_a_scan_looks_as_the_profile_and_through_its_proxy(workspace: Path, tmp_path: Path) -> None:
    brands = make_brand(tmp_path / "brands")
    with WebSite({"*": HARMLESS}).serving() as site:
        words: list[str | Path] = [
            "scan",
            f"http://shop.example:{site.port}/",
            "--json",
            "-",
            "--workspace",
            workspace,
            "--brands",
            brands,
        ]
        words += lab_options(site.port)
        here = clonewatch(*words, "--profile", "iphone-jp@sms")
        there = clonewatch(*words)
    (seen,) = json_rows(here.stdout)
    assert (seen["outcome"], seen["capture"]["profile"]) == ("ok", "iphone-jp@sms")
    (failed,) = json_rows(there.stdout)
    assert (failed["outcome"], failed["verdict"], failed["capture"]["profile"]) == ("proxy_error", "unseen", "phone-fr")
    assert "refuses the connection" in failed["capture"]["note"]
    assert "capture.proxies.fr" in failed["capture"]["note"]
    assert "s3cret" not in there.stdout + there.stderr
