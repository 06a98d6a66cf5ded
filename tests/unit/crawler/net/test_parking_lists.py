"""Parking services."""

from __future__ import annotations

import pytest

from crawler.net.parking_lists import parked_address, parked_name_server


@pytest.mark.parametrize(
    ("address", "parked"),
    [
        ("103.224.182.1", True),
        ("103.224.183.255", True),
        ("103.224.184.0", False),
        ("192.0.2.1", False),
        ("::1", False),
    ],
)
def test_parked_address(address: str, parked: bool) -> None:
    assert parked_address(address) is parked


@pytest.mark.parametrize(
    ("host", "parked"),
    [
        ("ns1.bodis.com", True),
        ("NS2.ABOVE.COM.", True),
        ("bodis.com.evil.example", False),
        ("notbodis.com", False),
        ("", False),
    ],
)
def test_parked_name_server(host: str, parked: bool) -> None:
    assert parked_name_server(host) is parked
