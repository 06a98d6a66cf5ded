"""Host names in ASCII and as they read, over tests/cases/host_names.yml, and their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.net.guard.http_heads import endpoint
from detector.brands import valid_domain
from detector.hosts import (
    ascii_host,
    fits_dns,
    registrable_domain,
    split_host,
    split_url,
    unicode_host,
)
from detector.store.sites import site_of_url

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "host_names.yml").read_text(encoding="utf-8")
)
MAPPED = [case for case in CASES if not case.get("unmappable")]


@pytest.mark.parametrize("case", MAPPED, ids=lambda case: str(case["ascii"])[:40])
def test_one_spelling_in_ascii(case: dict[str, Any]) -> None:
    assert ascii_host(case["written"]) == case["ascii"]
    assert ascii_host(case["ascii"]) == case["ascii"]
    assert unicode_host(case["ascii"]) == case.get("unicode", case["ascii"])


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("unmappable")], ids=lambda case: str(case["written"])[:40]
)
def test_a_name_that_dns_cannot_carry_stays_and_fits_nowhere(case: dict[str, Any]) -> None:
    host = ascii_host(case["written"])
    assert host == case["written"].lower()
    assert not fits_dns(host)
    assert valid_domain(case["written"]) is None
    with pytest.raises(BadUrl):
        read_address(f"http://{case['written']}/")


@pytest.mark.parametrize(
    "case",
    [case for case in MAPPED if "." in case["ascii"] and fits_dns(case["ascii"])],
    ids=lambda case: str(case["ascii"])[:40],
)
def test_crawl_store_and_guard_name_the_same_site(case: dict[str, Any]) -> None:
    url, host = f"http://{case['written']}/", case["ascii"].rstrip(".")
    assert site_of_url(url) == host
    assert endpoint(url) == (case["ascii"], 80)
    if host[0] != "-":  # the crawler asks for no such name
        assert read_address(url) == f"http://{host}/"


def test_sharp_s_is_another_site_than_double_s() -> None:
    assert site_of_url("https://faß.example/") != site_of_url("https://fass.example/")


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("a.b.paypal-login.co.uk", ("a.b", "paypal-login", "co.uk", False)),
        ("x.github.io", ("", "x", "github.io", True)),
        ("x.weebly.com", ("", "x", "weebly.com", True)),
        ("www.shop.test", ("www", "shop", "test", False)),
        ("localhost", ("", "localhost", "", False)),
        ("192.0.2.1", ("", "", "", False)),
        ("[::1]", ("", "", "", False)),
    ],
)
def test_split_host(host: str, parts: tuple[str, str, str, bool]) -> None:
    found = split_host(host)
    assert (found.subdomain, found.label, found.suffix, found.hosted) == parts


def test_registrable() -> None:
    assert registrable_domain("a.b.example.co.uk") == "example.co.uk"
    assert registrable_domain("192.0.2.1") == "192.0.2.1"


def test_split_url() -> None:
    assert split_url("http://user:pw@Example.COM:8080/a?b=c#d") == ("example.com", "/a?b=c")
    assert split_url("example.com/x") == ("example.com", "/x")
    assert split_url("http://[broken") == ("", "")
