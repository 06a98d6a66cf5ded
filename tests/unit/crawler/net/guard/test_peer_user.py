"""The user behind a loopback connection, asked in both ways."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crawler.net.guard import peer_user
from crawler.net.guard.peer_user import Ask, Place, by_diagnostics, by_table, is_of_this_user

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells the user of a connection"
)
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@contextmanager
def connected(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> Iterator[tuple[Place, Place]]:
    """Connect, and yield the client's place and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family) as client:
        client.connect((host, server.getsockname()[1]))
        accepted, peer = server.accept()
        with accepted:
            yield peer, accepted.getsockname()


@pytest.fixture
def other_user() -> Iterator[None]:
    """Act as another user until the test ends."""
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


@pytest.mark.parametrize("ask", [by_diagnostics, by_table])
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")])
def test_our_own_connection(ask: Ask, family: socket.AddressFamily, host: str) -> None:
    with connected(family, host) as places:
        assert ask(*places) == os.geteuid()
        assert is_of_this_user(*places)
    assert ask(*places) is None or not is_of_this_user(*places)


@pytest.mark.parametrize("ask", [by_diagnostics, by_table])
def test_no_such_connection(ask: Ask) -> None:
    assert ask(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    assert not is_of_this_user(("127.0.0.1", 1), ("127.0.0.1", 2))


@as_root
@pytest.mark.parametrize("ask", [by_diagnostics, by_table])
def test_another_users_connection(ask: Ask, other_user: None) -> None:
    with connected() as places:
        os.seteuid(0)
        assert ask(*places) == NOBODY
        assert not is_of_this_user(*places)


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), TimeoutError(), struct.error("short answer")])
def test_a_system_that_cannot_answer_now_admits_nobody(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(peer: Place, own: Place) -> int | None:
        raise error

    monkeypatch.setattr(peer_user, "_way", lambda: ask)
    with connected() as places:
        assert not is_of_this_user(*places)
