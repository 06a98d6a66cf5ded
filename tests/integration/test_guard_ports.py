"""No client connects to a port of a mail server, a database or a cache, however a page names it."""

from __future__ import annotations

import pytest

from crawler.net.guard import FailureError, FailureKind, Guard
from tests.support.pages.proxy_client import ask, capture_proxy, connect, get
from tests.support.pages.sites import quick

PORTS = [1, 22, 25, 445, 3306, 5432, 6379, 9200, 11211, 27017]


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("host", ["127.0.0.1", "ruled.example"])
async def test_the_capture_proxy_refuses_the_port(host: str, port: int) -> None:
    async with capture_proxy(quick(resolve=("ruled.example:*:127.0.0.1",))) as proxy:
        url = f"http://{host}:{port}/"
        await ask(proxy, get(url))
        await ask(proxy, connect(f"{host}:{port}"))
        for failure in (proxy.ledger.failure_of(host, port, url), proxy.ledger.failure_of(host, port, "")):
            assert failure is not None
            assert failure.kind is FailureKind.GUARD
            assert failure.sentence.startswith(f"{host} port {port} is not connected to: it is ")
        assert not proxy.ledger.dns()


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_http_client_refuses_the_port(scheme: str, port: int) -> None:
    async with Guard(quick()).http_client() as client:
        with pytest.raises(FailureError) as caught:
            await client.get(f"{scheme}://127.0.0.1:{port}/", (), most=100)
    assert caught.value.failure.kind is FailureKind.GUARD
    assert f"port {port} is not connected to" in caught.value.failure.sentence


async def test_a_rule_that_names_the_port_opens_it_for_its_host_alone() -> None:
    rules = ("own.example:27019:127.0.0.1", "*:9200:127.0.0.1")
    async with Guard(quick(resolve=rules)).http_client() as client:
        for host, port, kind in (
            ("own.example", 27019, FailureKind.REFUSED),
            ("own.example", 11211, FailureKind.GUARD),
            ("other.example", 27019, FailureKind.GUARD),
            ("other.example", 9200, FailureKind.GUARD),
        ):
            with pytest.raises(FailureError) as caught:
                await client.get(f"http://{host}:{port}/", (), most=100)
            assert caught.value.failure.kind is kind, (host, port)
