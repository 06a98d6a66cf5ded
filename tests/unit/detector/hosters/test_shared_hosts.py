"""The table of shared hosts: complete as far as the public suffix list knows, with a source for each entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import tldextract

from detector.brands import BrandLibrary
from detector.brands.domains import parents
from detector.hosters import account_of, shared_below, shared_hosts
from detector.hosters.shared_hosts import anywhere, entry_of
from detector.hosts import host_table

KEYS = {"names", "accounts", "own", "open", "framed", "source", "added"}


@pytest.fixture(scope="module")
def private_rules() -> list[str]:
    """The private section of the list that ships with tldextract, as this program uses it."""
    snapshot = Path(tldextract.__file__).with_name(".tld_set_snapshot").read_text(encoding="utf-8")
    section = snapshot.partition("===BEGIN PRIVATE DOMAINS===")[2].partition("===END PRIVATE DOMAINS===")[0]
    return [line.strip() for line in section.splitlines() if line.strip() and not line.startswith("//")]


def test_each_entry_names_its_source() -> None:
    """Refuse unknown keys, entries without a source or a date, and names that stand twice."""
    for entry in host_table()["hosts"]:
        assert entry.keys() <= KEYS, entry
        assert len(entry["source"]) > 10, entry
        assert isinstance(entry["added"], date), entry
    names = [shared.name for shared in shared_hosts()]
    assert sorted(set(names)) == sorted(names)
    assert all(name == name.lower() and "." in shared.domain for shared in shared_hosts() for name in (shared.name,))
    assert all(pattern.key or any("{}" in part for part in pattern.segments) for pattern in anywhere())


def test_each_pattern_names_an_account() -> None:
    """Have one `{}` at least in each pattern, and nothing own that is not below its entry."""
    for entry in host_table()["hosts"]:
        assert all("{}" in pattern and pattern.startswith("/") for pattern in entry.get("accounts", ())), entry
        hosts = [each for each in entry.get("own", ()) if not each.startswith("/")]
        assert all(any(entry_of(host) and host.endswith(name[1:]) for name in entry["names"]) for host in hosts), entry


def test_the_public_suffix_list_knows_no_shared_name_of_a_brand_that_the_program_does_not(
    private_rules: list[str], shipped_library: BrandLibrary
) -> None:
    """Find an account below each private suffix on a brand's domain, unless the table says that only the owner publishes."""
    owned = {domain for brand in shipped_library for domain in brand.domains}
    rules = [rule for rule in private_rules if not owned.isdisjoint(parents(rule.removeprefix("*.")))]
    assert len(rules) > 300, "the list's private section was not read"
    missed = []
    for rule in rules:
        host = f"paypal-help.{rule.replace('*', 'eu-1')}"
        entry = entry_of(host)
        closed = entry is not None and not entry.opened
        if not closed and (account_of(f"https://{host}/") is None or shipped_library.owner_of_page(f"https://{host}/")):
            missed.append(rule)
    assert missed == []


def test_what_is_closed_is_in_the_list(private_rules: list[str]) -> None:
    """Keep no exception from the list that it no longer needs."""
    closed = [shared.domain for shared in shared_hosts() if not shared.opened]
    assert [domain for domain in closed if domain not in private_rules] == []


def test_below_a_domain() -> None:
    """Name what is shared of a domain, from its own name down."""
    assert [shared.name for shared in shared_below("telegra.ph")] == ["telegra.ph"]
    assert {"s3.amazonaws.com", "*.amazonaws.com"} <= {shared.name for shared in shared_below("amazonaws.com")}
    assert shared_below("paypal.com") == ()
    assert shared_below("gov.uk") == (), "of government services, only the owner publishes"
