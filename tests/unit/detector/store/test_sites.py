"""Which site a URL belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detector.store.sites import server_of_url, site_of, site_of_url
from tests.support.store.builders import capture

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "shared_hosts.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://bank.example/login", "bank.example"),
        ("https://BANK.example.:443/", "bank.example"),
        ("http://bank.example:80", "bank.example"),
        ("http://bank.example:443/", "bank.example:443"),
        ("https://user:secret@bank.example:8443/", "bank.example:8443"),
        ("http://203.0.113.7:8080/", "203.0.113.7:8080"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://bänk.example/", "xn--bnk-qla.example"),
        ("https://xn--bnk-qla.example/", "xn--bnk-qla.example"),
        (" https://bank.example/ ", "bank.example"),
        ("https://bank.example:99999/", ""),
        ("https://[broken/", ""),
        ("chrome-error://chromewebdata/", ""),
        ("about:blank", ""),
        ("data:text/html,x", ""),
        ("ftp://bank.example/", ""),
        ("no url", ""),
        ("", ""),
    ],
)
def test_site(url: str, site: str) -> None:
    assert site_of_url(url) == site


def test_accounts_of_a_host_are_sites_of_their_own() -> None:
    """Name the site of each address of tests/cases/shared_hosts.yml, and the host alone where the whole host is one site."""
    found = {case["url"]: site_of_url(case["url"]) for case in CASES}
    assert found == {case["url"]: case.get("site", server_of_url(case["url"])) for case in CASES}


def test_where_the_capture_ended_counts() -> None:
    assert site_of(capture("https://a.example/", final_url="https://b.example/")) == "b.example"
    assert site_of(capture("https://a.example/", final_url="about:blank")) == "a.example"
    assert site_of(capture("nonsense", final_url="")) == ""


def test_a_name_that_no_idna_takes_is_kept() -> None:
    assert site_of_url(f"https://{'ä' * 80}.example/") == f"{'ä' * 80}.example"
