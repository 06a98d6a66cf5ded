"""The servers that the operator named, and those that they lead to."""

from __future__ import annotations

import pytest

from crawler.net.guard import FailureError
from crawler.net.outward import OutwardRules


@pytest.mark.parametrize(
    ("named", "place", "expected"),
    [
        ("http://127.0.0.1:8000/list", ("127.0.0.1", 8000), True),
        ("http://127.0.0.1:8000/list", ("127.0.0.1", 6379), False),
        ("http://127.0.0.1:8000/list", ("localhost", 8000), False),
        ("http://Feeds.Example/list", ("feeds.example", 80), True),
        ("http://feeds.example/list", ("feeds.example", 443), True),
        ("http://feeds.example:8000/list", ("feeds.example", 443), False),
        ("https://feeds.example/list", ("feeds.example", 443), True),
        ("https://feeds.example/list", ("feeds.example", 80), False),
        ("https://user@feeds.example@127.0.0.1/list", ("feeds.example", 443), False),
        ("http://[0:0:0:0:0:0:0:1]:81/", ("::1", 81), True),
        ("http://[::1/", ("::1", 80), False),
        ("http://bücher.example/", ("xn--bcher-kva.example", 80), True),
    ],
)
def test_a_server_is_named_with_its_host_and_port(named: str, place: tuple[str, int], expected: bool) -> None:
    assert OutwardRules(named).is_named(place) is expected


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "127.1", "0x7f.1", "localhost"],
)
async def test_what_a_server_leads_to_must_be_public(host: str) -> None:
    rules = OutwardRules("https://feeds.example/list")
    with pytest.raises(FailureError):
        await rules.addresses((host, 80))
    with pytest.raises(FailureError):
        await rules.addresses((host, 80), unresolved=True)
    assert not rules.permits(host, 80)


async def test_blocks_that_are_allowed_and_addresses_that_were_judged() -> None:
    rules = OutwardRules("https://feeds.example/list", allow_private=["127.0.0.0/8"])
    assert not rules.permits("127.0.0.1", 80)
    assert [str(address) for address in await rules.addresses(("127.0.0.1", 80))] == ["127.0.0.1"]
    assert rules.permits("127.0.0.1", 80)
    assert not rules.permits("127.0.0.1", 81)


async def test_a_name_that_only_a_proxy_can_look_up() -> None:
    rules = OutwardRules("https://feeds.example/list")
    assert await rules.addresses(("registry.invalid", 443), unresolved=True) == []
    with pytest.raises(FailureError, match="has no address"):
        await rules.addresses(("registry.invalid", 443))
