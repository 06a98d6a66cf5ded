"""Source ``certstream`` on a real websocket server of this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from crawler.loopback.connections import in_thread
from crawler.sources.ct.certstream_messages import names_in
from crawler.sources.ct.log_entries import EntryError
from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab, run_source


def update(*names: str) -> str:
    data = {"leaf_cert": {"all_domains": list(names)}, "cert_index": 1, "source": {"name": "a log"}}
    return json.dumps({"message_type": "certificate_update", "data": data})


@contextmanager
def certstream(*rounds: list[str | bytes]) -> Iterator[str]:
    """Each connection gets the messages of one round; all but the last are closed after theirs."""
    with in_thread(_websocket_server(*rounds)) as address:
        yield address


@asynccontextmanager
async def _websocket_server(*rounds: list[str | bytes]) -> AsyncIterator[str]:
    """Serve with aiohttp, because the servers of crawler/loopback speak no websockets."""
    left = list(rounds)

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for message in left.pop(0) if left else []:
            await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_str(message))
        if not left:
            await socket.receive()  # until the client leaves: it has nothing to say
        return socket

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own."""
    return make_lab(tmp_path)


def listen(lab: Path, address: str, seconds: float) -> subprocess.CompletedProcess[str]:
    with (lab / "clonewatch.toml").open("a", encoding="utf-8") as file:
        file.write(f'[ct]\ncertstream = "{address}"\ncertstream_seconds = {seconds}\n')
    return run_source(lab, "certstream")


def test_names_are_found_through_broken_connections_and_odd_messages(lab: Path) -> None:
    first: list[str | bytes] = [
        update("*.ostrelin-login.example", "garden.example"),
        '{"message_type": "heartbeat"}',
        "{",
        "[]",
    ]
    second: list[str | bytes] = [
        json.dumps({"message_type": "dns_entries", "data": ["shop.ostrelin-verify.example", 5]}),
        update("ostrelin.example").encode(),
        update(*(f"garden{number}.example" for number in range(600))),
        update("last-ostrelin-login.example"),
    ]
    with certstream(first, second) as address:
        done = listen(lab, address, 4)
    assert done.returncode == 0, done.stdout
    assert "the connection broke 1 time" in done.stdout
    assert "2 entries without a URL" in done.stdout
    with Workspace.open(lab) as workspace:
        found = {claim.candidate.url for claim in workspace.store.backlog.claim(100)}
    assert found == {
        "https://ostrelin-login.example/",
        "https://shop.ostrelin-verify.example/",
        "https://last-ostrelin-login.example/",
    }


def test_a_server_that_never_answers_is_named(lab: Path) -> None:
    done = listen(lab, "ws://127.0.0.1:9/", 2)
    assert done.returncode == 4
    assert "FAILED: ws://127.0.0.1:9/" in done.stdout


@pytest.mark.parametrize("message", ["{", "[]", "{}", '{"message_type": "dns_entries"}', "[" * 100_000, b"\xff"])
def test_what_is_no_message_is_said(message: str | bytes) -> None:
    with pytest.raises(EntryError):
        names_in(message)
