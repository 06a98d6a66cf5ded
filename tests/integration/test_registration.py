"""Looking up the age of names in registries: a real RDAP server, also slow, busy and broken."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.examine.registration import RegistrationLookup, registered_name
from crawler.net.rdap.rdap_servers import LIST_SECONDS
from detector.config import RegistrationConfig
from detector.index import cache_folder
from detector.model import Registration
from tests.support.servers.rdap import Registry


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Registry().serving() as served:
        yield served


def config(registry: Registry, **changes: object) -> RegistrationConfig:
    values: dict[str, object] = {"bootstrap": registry.bootstrap, "pause_seconds": 0.0, **changes}
    return RegistrationConfig(**values)  # type: ignore[arg-type]


def ask(settings: RegistrationConfig, *hosts: str) -> list[Registration | None]:
    """One after the other."""

    async def run() -> list[Registration | None]:
        async with RegistrationLookup(settings) as registrations:
            return [await registrations.of(host) for host in hosts]

    return asyncio.run(run())


def test_a_registry_is_asked_once_a_name(registry: Registry) -> None:
    registry.names["shop.example"] = "2026-01-02T03:04:05Z"
    found = ask(config(registry), "www.shop.example", "login.shop.example", "SHOP.example.")
    assert {known.registered for known in found if known} == {datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}
    assert found[0] is not None
    assert found[0].domain == "shop.example"
    assert found[0].server == f"{registry.url}/registry/domain/shop.example"
    assert registry.asked == ["/dns.json", "/registry/domain/shop.example"]


def test_the_longest_ending_decides_and_names_are_asked_in_ascii(registry: Registry) -> None:
    registry.names["xn--bcher-kva.example"] = "2020-01-01T00:00:00+02:00"
    registry.names["a.co.example"] = "2021-01-01T00:00:00Z"
    found = ask(config(registry), "bücher.example", "unknown.example", "x.nowhere", "x.elsewhere")
    assert found[0] is not None
    assert found[0].registered == datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert found[1:] == [None, None, None]
    assert registry.asked[1:] == ["/registry/domain/xn--bcher-kva.example", "/registry/domain/unknown.example"]

    async def longest() -> str:
        async with RegistrationLookup(config(registry)) as registrations:
            return await registrations.server_of("a.co.example")

    assert asyncio.run(longest()) == f"{registry.url}/second"


def test_nobody_is_asked_about_addresses_and_hosters_or_without_a_list(registry: Registry) -> None:
    hosts = ("127.0.0.1", "[2001:db8::1]", "somebody.github.io", "sites.google.com", "localhost", "")
    assert ask(config(registry), *hosts) == [None] * len(hosts)
    assert ask(RegistrationConfig(), "shop.example") == [None]
    assert registry.asked == []
    assert registered_name("a.b.shop.co.uk") == "shop.co.uk"
    assert registered_name(f"{'x' * 70}ü.example") == ""


def test_the_list_is_kept_for_three_days_and_an_old_one_is_better_than_none(registry: Registry) -> None:
    registry.names["shop.example"] = "2026-01-02T03:04:05Z"
    for _ in range(2):
        assert ask(config(registry), "shop.example")[0] is not None
    assert registry.asked.count("/dns.json") == 1
    (kept,) = cache_folder().glob("rdap-*.json")
    long_ago = datetime.now().timestamp() - LIST_SECONDS - 60
    os.utime(kept, (long_ago, long_ago))
    registry.answers["/dns.json"] = (503, {}, b"")
    assert ask(config(registry), "shop.example")[0] is not None
    assert registry.asked.count("/dns.json") == 2
    kept.write_bytes(b"{torn")
    del registry.answers["/dns.json"]
    assert ask(config(registry), "shop.example", "shop.example")[-1] is not None
    assert registry.asked.count("/dns.json") == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b'{"x": ' + b"[" * 50_000,
        b'{"services": 3}',
        b'{"services": [[["example"]]]}',
        b"x" * 4_100_000,
    ],
)
def test_a_malformed_list_of_registries_is_fetched_once_and_not_cached(registry: Registry, body: bytes) -> None:
    registry.answers["/dns.json"] = (200, {}, body)
    assert ask(config(registry), "shop.example", "other.example") == [None, None]
    # it is not asked for again with every page
    assert registry.asked == ["/dns.json"]
    assert not list(cache_folder().glob("rdap-*"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"\xff",
        b'{"events": {}}',
        b'{"events": [{"eventAction": "registration"}]}',
        b'{"events": [{"eventAction": "registration", "eventDate": "yesterday"}]}',
        b'{"events": [{"eventAction": "registration", "eventDate": "0001-01-01T00:00:00+14:00"}]}',
        b'{"events": [{"eventAction": "registration", "eventDate": "2999-01-01T00:00:00Z"}]}',
        b'{"events": [{"eventAction": "last changed", "eventDate": "2020-01-01T00:00:00Z"}]}',
        b'{"events": [' + b" " * 1_100_000 + b"]}",
    ],
)
def test_answers_without_a_usable_date(registry: Registry, body: bytes) -> None:
    registry.answers["/registry/domain/shop.example"] = (200, {}, body)
    assert ask(config(registry), "shop.example") == [None]


def test_a_name_that_was_registered_anew_is_young(registry: Registry) -> None:
    dates = (("registration", "2001-01-01T00:00:00"), ("reregistration", "2026-05-05T00:00:00"))
    events = [{"eventAction": action, "eventDate": date} for action, date in dates]
    registry.answers["/registry/domain/shop.example"] = (200, {}, json.dumps({"events": events}).encode())
    (found,) = ask(config(registry), "shop.example")
    assert found is not None
    assert found.registered == datetime(2026, 5, 5, tzinfo=UTC)


def test_redirects_of_a_registry_are_followed_up_to_a_limit(registry: Registry) -> None:
    registry.names["shop.example"] = "2026-01-02T03:04:05Z"
    registry.answers["/registry/domain/shop.example"] = (302, {"Location": "/moved/domain/shop.example"}, b"")
    registry.answers["/registry/domain/loop.example"] = (302, {"Location": "/registry/domain/loop.example"}, b"")
    registry.answers["/registry/domain/file.example"] = (302, {"Location": "file:///etc/passwd"}, b"")
    found = ask(config(registry), "shop.example", "loop.example", "file.example")
    assert found[0] is not None
    assert found[1:] == [None, None]
    assert registry.asked.count("/registry/domain/loop.example") == 4


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:{port}", "http://localhost:{port}", "http://127.1:{port}", "http://[::ffff:127.0.0.1]:{port}"],
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_registry_does_not_lead_inward(registry: Registry, place: str, listed: bool) -> None:
    """Neither by a redirect nor by the list of servers, unless the block is allowed."""
    with Registry().serving() as inner:
        inner.names["shop.example"] = "2026-01-02T03:04:05Z"
        base = place.format(port=urlsplit(inner.url).port)
        if listed:
            services = {"services": [[["example"], [base]]]}
            registry.answers["/dns.json"] = (200, {}, json.dumps(services).encode())
        else:
            target = f"{base}/domain/shop.example"
            registry.answers["/registry/domain/shop.example"] = (302, {"Location": target}, b"")
        assert ask(config(registry), "shop.example") == [None]
        assert inner.asked == []


def test_a_busy_registry_is_not_asked_until_its_retry_after(registry: Registry) -> None:
    registry.names["shop.example"] = "2026-01-02T03:04:05Z"
    registry.answers["/registry/domain/busy.example"] = (429, {"Retry-After": "900"}, b"")
    assert ask(config(registry), "busy.example", "shop.example", "busy.example") == [None, None, None]
    assert registry.asked == ["/dns.json", "/registry/domain/busy.example"]


def test_a_registry_is_asked_again_after_its_retry_after(registry: Registry) -> None:
    registry.answers["/registry/domain/shop.example"] = (429, {"Retry-After": "0"}, b"")

    async def run() -> tuple[Registration | None, Registration | None]:
        async with RegistrationLookup(config(registry)) as registrations:
            first = await registrations.of("shop.example")
            registry.answers.clear()
            registry.names["shop.example"] = "2026-01-02T03:04:05Z"
            return first, await registrations.of("shop.example")

    first, second = asyncio.run(run())
    assert first is None
    assert second is not None


def test_one_question_at_a_time(registry: Registry) -> None:
    registry.names |= {f"n{number}.example": "2026-01-02T03:04:05Z" for number in range(12)}

    async def run() -> list[Registration | None]:
        async with RegistrationLookup(config(registry)) as registrations:
            return await asyncio.gather(*(registrations.of(f"n{number % 12}.example") for number in range(36)))

    assert all(asyncio.run(run()))
    assert registry.most_at_once == 1
    assert len(registry.asked) == 13


def test_a_page_that_is_given_up_leaves_the_answer_to_the_others(registry: Registry) -> None:
    registry.names["shop.example"] = "2026-01-02T03:04:05Z"

    async def run() -> Registration | None:
        async with RegistrationLookup(config(registry)) as registrations:
            first = asyncio.create_task(registrations.of("shop.example"))
            await asyncio.sleep(0)
            first.cancel()
            return await registrations.of("shop.example")

    assert asyncio.run(run()) is not None


def test_a_registry_that_is_not_there(registry: Registry) -> None:
    gone = json.dumps({"services": [[["example"], ["http://127.0.0.1:9/"]]]}).encode()
    registry.answers["/dns.json"] = (200, {}, gone)
    assert ask(config(registry), "shop.example") == [None]
    assert ask(config(registry, bootstrap="http://127.0.0.1:9/dns.json"), "shop.example") == [None]
