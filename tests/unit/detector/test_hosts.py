"""Host names in ASCII and as they read, over tests/cases/host_names.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.discovery.urls import BadUrl, normalise
from crawler.net.guard.http_heads import endpoint
from detector.brands import valid_domain
from detector.hosts import ascii_host, fits_dns, unicode_host
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
        normalise(f"http://{case['written']}/")


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
        assert normalise(url) == f"http://{host}/"


def test_sharp_s_is_another_site_than_double_s() -> None:
    assert site_of_url("https://faß.example/") != site_of_url("https://fass.example/")
