"""Clients of the metrics' port that hold connections: they take nothing from the one that scrapes."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from crawler.jobs.metrics_server import MOST_CONNECTIONS, serving
from detector.workspace import Workspace

IDLE = 600
BEGINNINGS = (
    b"",
    b"G",
    b"GET /metrics HTTP/1.1\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a",
    b"\x16\x03\x01",
    b"GET " + b"/" * 60_000,
)
"""Bytes that a client sends before it falls silent."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "ws") as opened:
        yield opened


def endpoint(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


def status_of(place: str, path: str) -> int:
    connection = http.client.HTTPConnection(*endpoint(place))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_idle_connections_take_no_place_from_a_scrape(workspace: Workspace) -> None:
    before = threading.active_count()
    with serving(workspace, "127.0.0.1:0", seconds=3600.0) as place, ExitStack() as idle:
        for number in range(IDLE):
            held = idle.enter_context(socket.create_connection(endpoint(place)))
            held.sendall(BEGINNINGS[number % len(BEGINNINGS)])
            if number % 50 == 0:
                assert [status_of(place, path) for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
        assert status_of(place, "/metrics") == 200
        # those that were ended need a moment to leave; the bound is on those that are served
        assert threading.active_count() - before <= 2 * MOST_CONNECTIONS


def test_a_connection_that_lasts_too_long_is_ended_whatever_it_sends(workspace: Workspace) -> None:
    with serving(workspace, "127.0.0.1:0", seconds=0.0) as place:
        for begun in BEGINNINGS:
            with socket.create_connection(endpoint(place)) as held:
                held.sendall(begun)
                with suppress(ConnectionResetError):
                    while held.recv(4096):  # an answer of 414 to the longest; then the end
                        pass


def test_what_is_served_ends_with_the_server(workspace: Workspace) -> None:
    with ExitStack() as idle:
        with serving(workspace, "127.0.0.1:0", seconds=3600.0) as place:
            held = idle.enter_context(socket.create_connection(endpoint(place)))
            assert status_of(place, "/healthz") == 200
        assert held.recv(1) == b""
