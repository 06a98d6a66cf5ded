"""The list of the demo's sites is complete, consistent and harmless."""

import socket
from collections import Counter

import pytest

from crawler.demo.logos import made_up_brands
from crawler.demo.sites import PAGES, Site, load_sites, site
from detector.brands import load_library

SITES = load_sites()
MADE_UP = load_library([made_up_brands()])


def test_every_kind_is_there_in_numbers() -> None:
    kinds = Counter(entry.kind for entry in SITES)
    assert kinds["official"] == 4
    assert kinds["clone"] >= 20
    assert kinds["innocent"] >= 10
    assert kinds["nuisance"] >= 4


@pytest.mark.parametrize("brand", ["ostrelin", "kumoriva"])
def test_each_made_up_brand_is_cloned_in_all_ways(brand: str) -> None:
    ways = {entry.difficulty.partition(":")[0] for entry in SITES if entry.brand == brand and entry.kind == "clone"}
    assert {"Mirrored", "Restyled", "Logo only", "Another language", "Shifted", "Phone scam"} <= ways


def test_the_made_up_brands_load_without_remarks_that_stop_a_run() -> None:
    assert {brand.id for brand in MADE_UP} == {"ostrelin", "kumoriva"}
    assert all(len(brand.logos) >= 5 and brand.signin_urls for brand in MADE_UP)


@pytest.mark.parametrize("entry", SITES, ids=lambda entry: entry.id)
def test_hosts_are_reserved_names_that_no_real_resolver_answers(entry: Site) -> None:
    # RFC 2606 and RFC 6761
    assert entry.host.rpartition(".")[2] in {"test", "example"}


@pytest.mark.parametrize("entry", SITES, ids=lambda entry: entry.id)
def test_only_official_pages_live_on_owned_domains(entry: Site) -> None:
    owner = MADE_UP.owner_of(entry.host)
    assert (owner.id if owner else None) == (entry.brand if entry.kind == "official" else None)


@pytest.mark.parametrize(
    "entry", [entry for entry in SITES if entry.found_by == "permutations"], ids=lambda entry: entry.id
)
def test_the_permutations_spider_can_find_what_it_is_meant_to_find(entry: Site) -> None:
    brand = next(brand for brand in MADE_UP if brand.id in entry.host or brand.id == entry.brand)
    # imported here and put back: dnstwist sets a time limit on every socket of the process
    limit = socket.getdefaulttimeout()
    import dnstwist

    socket.setdefaulttimeout(limit)
    fuzzer = dnstwist.Fuzzer(brand.domains[0], dictionary=list(brand.keywords))
    fuzzer.generate()
    assert entry.host in {variant["domain"] for variant in fuzzer.domains}
    assert entry.path == "/"


def test_logo_only_pages_never_name_the_brand() -> None:
    for entry in (site("ostrelin-logo-only"), site("kumoriva-logo-only")):
        page = (entry.folder / "index.html").read_text(encoding="utf-8")
        assert entry.brand
        assert entry.brand not in (page + entry.url + "".join(entry.assets)).lower()


def test_pages_fetch_nothing_from_elsewhere() -> None:
    for page in PAGES.rglob("*.*"):
        text = page.read_text(encoding="utf-8")
        for attribute in ('src="http', "url(http", "@import", '<link rel="stylesheet" href="http', "<script src"):
            assert attribute not in text, f"{page} has {attribute}"


def test_every_folder_of_pages_is_served_somewhere() -> None:
    assert {folder.name for folder in PAGES.iterdir()} == {
        entry.folder.name for entry in SITES if entry.behaviour in {"page", "not_found"}
    } | {entry.decoy for entry in SITES if entry.decoy}
