"""Ports that nothing connects to, and those on which web sites are found."""

from __future__ import annotations

import pytest

from crawler.net.guard.ports import forbidden_port_reason


@pytest.mark.parametrize("port", [0, 1, 22, 25, 53, 110, 143, 465, 587, 993, 2049, 5060, 6000, 6667, 10080])
def test_ports_that_browsers_refuse(port: int) -> None:
    assert forbidden_port_reason(port) == "one that browsers refuse"


@pytest.mark.parametrize(
    ("port", "service"),
    [
        (445, "SMB"),
        (3306, "MySQL"),
        (5432, "PostgreSQL"),
        (6379, "Redis"),
        (9200, "Elasticsearch"),
        (11211, "Memcached"),
    ],
)
def test_ports_of_services(port: int, service: str) -> None:
    assert forbidden_port_reason(port) == f"that of {service}, not of web pages"


@pytest.mark.parametrize(
    "port",
    [
        80,
        81,
        443,
        591,
        2083,
        2087,
        2096,
        3000,
        4443,
        5000,
        7001,
        8000,
        8008,
        8080,
        8443,
        8888,
        9000,
        9443,
        10000,
        49152,
    ],
)
def test_ports_of_web_sites(port: int) -> None:
    assert forbidden_port_reason(port) is None
