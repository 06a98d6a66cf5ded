"""The owner of the page at an address of a host on which others publish, over tests/cases/shared_hosts.yml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.discovery.triage import Triage, TriageOutcome
from detector.brands import BrandLibrary
from detector.hosters import account_of, is_shared, site_path
from detector.judge import Judge
from detector.model import Brand, Candidate, Capture, Decision, InputField, Outcome, PageFacts

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "shared_hosts.yml").read_text(encoding="utf-8")
)
CLONE = PageFacts(
    title="Log in to your PayPal account",
    text="PayPal\nEmail or mobile number\nPassword\nLog in to your PayPal account\n© 2026 PayPal",
    inputs=(InputField("email", "login_email"), InputField("password", "login_password")),
)


@pytest.fixture(scope="module")
def brands(shipped_library: BrandLibrary) -> BrandLibrary:
    """The shipped brands by name and domain: their pictures take long to fingerprint, and no address depends on them."""
    return BrandLibrary(replace(brand, logos=(), pages=(), folder="") for brand in shipped_library)


def test_whose_page_it_is(brands: BrandLibrary) -> None:
    """Tell others' pages from the brand's own, in each case."""
    owners = {case["url"]: brands.owner_of_page(case["url"]) for case in CASES}
    found = {url: owner.id if owner else None for url, owner in owners.items()}
    assert found == {case["url"]: case.get("own") for case in CASES}


def test_a_clone_at_somebodys_address_is_flagged(brands: BrandLibrary) -> None:
    """Judge the same clone at each address: it is flagged where others publish, and owned where the brand does."""
    judge = Judge(brands)
    wrong = []
    for case in CASES:
        url = case["url"]
        capture = Capture(url, Outcome.OK, final_url=url, facts=replace(CLONE, url=url))
        verdict = judge.judge(capture, lambda: None)
        expected = (Decision.OWNED, case["own"]) if "own" in case else (Decision.FLAGGED, "paypal")
        if (verdict.decision, verdict.brand) != expected and verdict.decision is not Decision.OWNED:
            wrong.append((url, verdict.decision, verdict.brand))
        assert (verdict.decision is Decision.OWNED) == ("own" in case), url
    assert wrong == []


def test_triage_drops_what_is_the_brands_own_and_nothing_else(brands: BrandLibrary) -> None:
    """Take every other address as a candidate, as a feed reports it."""
    triage = Triage(brands)
    outcomes = {case["url"]: triage.judge(Candidate(case["url"], source="feeds:x")).outcome for case in CASES}
    dropped = [url for url, outcome in outcomes.items() if outcome is TriageOutcome.OWNED]
    assert dropped == [case["url"] for case in CASES if "own" in case]


def test_the_platforms_own_frame_imitates_nobody() -> None:
    """Do not suspect the platform whose mark is around a shared file, and suspect everybody else."""
    library = BrandLibrary(
        [
            Brand(id="dropbox", name="Dropbox", names=("Dropbox",), domains=("dropbox.com",)),
            Brand(id="paypal", name="PayPal", names=("PayPal",), domains=("paypal.com",)),
        ]
    )
    framed = PageFacts(
        title="x.pdf - Dropbox",
        text="Dropbox\nSign in to Dropbox\nEmail\nPassword\n© 2026 Dropbox",
        inputs=(InputField("password", "p"),),
    )
    for url, decision in (
        ("https://www.dropbox.com/scl/fi/abc/x.pdf", Decision.CLEAR),
        ("https://elsewhere.example/x", Decision.FLAGGED),
        ("https://www.dropbox.com/login", Decision.OWNED),
    ):
        capture = Capture(url, Outcome.OK, final_url=url, facts=replace(framed, url=url))
        assert Judge(library).judge(capture, lambda: None).decision is decision, url


def test_a_brands_own_account_is_the_brands() -> None:
    """Know the account that a brand lists among its domains, and the one of its sign-in page."""
    acme = Brand(
        id="acme",
        name="Acme",
        domains=("acme.sharepoint.com", "acme.github.io", "blogs.test", "sites.google.com"),
        signin_urls=("https://sites.google.com/view/acme/login",),
    )
    library = BrandLibrary([acme])
    own = ("https://acme.sharepoint.com/x", "https://docs.acme.github.io/", "https://sites.google.com/view/acme/x")
    others = ("https://other.sharepoint.com/", "https://sites.google.com/view/other", "https://acme.github.io.test/")
    assert [library.owner_of_page(url) for url in own] == [acme] * 3
    assert [library.owner_of_page(url) for url in others] == [None] * 3


def test_hosts_alone() -> None:
    """Say of a host whether any part of it is others'."""
    shared = (
        "telegra.ph",
        "x.blogspot.com",
        "docs.google.com",
        "anna.tumblr.com",
        "s3.amazonaws.com",
        "www.dropbox.com",
    )
    assert [host for host in shared if not is_shared(host)] == []
    owned = ("blogspot.com", "www.google.com", "www.tumblr.com", "www.tax.service.gov.uk", "fonts.googleapis.com", "")
    assert [host for host in owned if is_shared(host)] == []


@pytest.mark.parametrize(
    "url", ["", "https://", "https://[broken/", "about:blank", "https://telegra.ph", "\x00", "data:text/html,~x/", "~"]
)
def test_what_is_no_page_of_anybody_has_no_account(url: str) -> None:
    """Take any text."""
    assert account_of(url) is None
    assert site_path(url) == ""
