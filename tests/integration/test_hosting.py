"""Looking up who hosts an address: a real RDAP server and a real name server, also slow, busy and lying."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.examine.hosting import HostingLookup, server_of
from crawler.loopback.nameserver import NameServer, Zone
from detector.config import RegistrationConfig
from detector.errors import ConfigError
from detector.model import Hosting
from tests.support.servers.rdap import Registry, rdap_entity

ZONE = "as.test"
NETWORK = {
    "startAddress": "9.9.9.0",
    "endAddress": "9.9.9.255",
    "name": "NINE-NET",
    "country": "US",
    "entities": [
        rdap_entity("registrant", fn="Nine Hosting", entities=[rdap_entity("abuse", email="abuse@nine.example")])
    ],
}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Registry().serving() as served:
        yield served


@pytest.fixture
def zone() -> Zone:
    return Zone(
        texts={
            "9.9.9.9.origin.as.test": ["64500 64999 | 9.9.9.0/24 | US | arin | 2010-07-14", "64501 | 9.0.0.0/8 | US"],
            "as64500.as.test": ["64500 | US | arin | 2010-07-14 | NINE-AS Nine Hosting, US"],
        }
    )


def look_up(zone: Zone, *addresses: str | None, **settings: Any) -> list[Hosting | None]:
    """Ask one after the other; a list of servers is asked for where ``settings`` name one."""

    values: dict[str, Any] = {"as_zone": ZONE, "pause_seconds": 0.0} | settings
    config = RegistrationConfig(**values)

    async def run(nameserver: str) -> list[Hosting | None]:
        async with HostingLookup(config, nameservers=[nameserver]) as hosting:
            return [await hosting.of(address) for address in addresses]

    with NameServer(zone.answer) as server:
        return asyncio.run(run(server.address))


def test_the_network_and_its_as(registry: Registry, zone: Zone) -> None:
    registry.networks["9.9.9.9"] = NETWORK
    found, again = look_up(zone, "9.9.9.9", "9.9.9.9", ipv4_bootstrap=registry.address_bootstrap)
    assert found is not None
    assert (found.network, found.network_name, found.holder, found.country) == (
        "9.9.9.0/24",
        "NINE-NET",
        "Nine Hosting",
        "US",
    )
    assert found.abuse_contacts == ("abuse@nine.example",)
    assert (found.as_number, found.as_name) == (64500, "NINE-AS Nine Hosting, US")
    assert found.server == f"{registry.url}/second/ip/9.9.9.9"
    assert again is found
    assert registry.asked == ["/ip.json", "/second/ip/9.9.9.9"]


def test_an_address_of_ipv6(registry: Registry) -> None:
    reverse = "8.8.8.8" + ".0" * 16 + ".0.6.8.4.0.6.8.4.1.0.0.2"
    zone = Zone(texts={f"{reverse}.origin6.as.test": ["15169 | 2001:4860::/32 | US | arin | 2005-03-14"]})
    registry.networks["2001:4860:4860::8888"] = {
        "startAddress": "2001:4860::",
        "endAddress": "2001:4860:ffff:ffff:ffff:ffff:ffff:ffff",
    }
    (found,) = look_up(zone, "2001:4860:4860:0::8888", ipv6_bootstrap=registry.address_bootstrap)
    assert found is not None
    assert (found.network, found.as_number, found.as_name) == ("2001:4860::/32", 15169, "")


def test_either_half_is_worth_having(registry: Registry, zone: Zone) -> None:
    """A registry that fails leaves the AS number, and is asked again; a zone that is silent leaves the network."""
    registry.answers["/second/ip/9.9.9.9"] = (500, {}, b"")
    first, second = look_up(zone, "9.9.9.9", "9.9.9.9", ipv4_bootstrap=registry.address_bootstrap)
    assert first is not None
    assert second is not None
    assert (first.as_number, first.network, first.server) == (64500, "", "")
    assert registry.asked.count("/second/ip/9.9.9.9") == 2
    registry.answers.clear()
    registry.networks["9.9.9.9"] = NETWORK
    (found,) = look_up(Zone(), "9.9.9.9", ipv4_bootstrap=registry.address_bootstrap)
    assert found is not None
    assert (found.as_number, found.network) == (None, "9.9.9.0/24")


def test_a_busy_registry_is_not_asked_about_other_addresses(registry: Registry, zone: Zone) -> None:
    registry.answers["/second/ip/9.9.9.9"] = (429, {"Retry-After": "900"}, b"")
    look_up(zone, "9.9.9.9", "9.9.9.10", "9.9.9.9", ipv4_bootstrap=registry.address_bootstrap)
    assert registry.asked == ["/ip.json", "/second/ip/9.9.9.9"]


@pytest.mark.parametrize(
    "texts",
    [
        ["not a number | 9.9.9.0/24"],
        ["0 | 9.9.9.0/24"],
        ["99999999999 | 9.9.9.0/24"],
        ["64500 | 8.8.8.0/24"],
        ["64500 | ::/0"],
        ["64500"],
        [""],
        ["NA | 9.9.9.0/24 | | |"],
        ["1e9 | 9.9.9.0/24"],
        ["-5 | 9.9.9.0/24"],
        ["64500x | 9.9.9.0/24"],
        ["64500,64501 | 9.9.9.0/24"],
        ["64500 | 9.9.9.1/24"],
    ],
)
def test_an_origin_that_says_nothing(texts: list[str]) -> None:
    assert look_up(Zone(texts={"9.9.9.9.origin.as.test": texts}), "9.9.9.9") == [None]


@pytest.mark.parametrize(
    "text", ["64501 | US | arin | 2010 | OTHER", "64500 | US", r"64500 | US | arin | 2010 | \027[2J"]
)
def test_a_name_that_is_of_another_as_or_hostile(zone: Zone, text: str) -> None:
    zone.texts["as64500.as.test"] = [text]
    (found,) = look_up(zone, "9.9.9.9")
    assert found is not None
    assert found.as_number == 64500
    assert "\x1b" not in found.as_name
    assert "OTHER" not in found.as_name


def test_nobody_is_asked_about_private_addresses_or_without_settings(registry: Registry, zone: Zone) -> None:
    private = ("127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "192.0.2.1", "", None, "nonsense", "100.64.0.1")
    assert look_up(zone, *private, ipv4_bootstrap=registry.address_bootstrap) == [None] * len(private)
    assert look_up(zone, "9.9.9.9", as_zone="") == [None]
    assert registry.asked == []


def test_a_server_that_the_list_names_inward_is_not_asked(registry: Registry) -> None:
    with Registry().serving() as inner:
        inner.networks["9.9.9.9"] = NETWORK
        body = f'{{"services": [[["9.0.0.0/8"], ["{inner.url}/registry/"]]]}}'
        registry.answers["/ip.json"] = (200, {}, body.encode())
        assert look_up(Zone(), "9.9.9.9", ipv4_bootstrap=registry.address_bootstrap) == [None]
        assert inner.asked == []


def test_the_longest_prefix_decides() -> None:
    servers = {"0.0.0.0/0": "all", "9.9.0.0/16": "longer", "9.9.9.0/33": "no block", "::/0": "six", "com": "a name"}
    assert [server_of(address, servers) for address in ("9.9.9.9", "8.8.8.8", "2001:db8::1")] == [
        "longer",
        "all",
        "six",
    ]
    assert server_of("9.9.9.9", {}) == ""


@pytest.mark.parametrize("zone", ["https://asn.example", "a b", "x" * 64, ".", "a..b", "a/b"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match=r"registration\.as_zone"):
        RegistrationConfig(as_zone=zone)
