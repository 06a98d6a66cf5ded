"""Source ``certstream`` on a real websocket server of this machine."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

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
    ready, stopping = threading.Event(), threading.Event()
    place: list[int] = []
    left = list(rounds)

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for message in left.pop(0) if left else []:
            await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_str(message))
        while not left and not stopping.is_set() and not socket.closed:  # noqa: ASYNC110  a thread sets it
            await asyncio.sleep(0.05)
        return socket

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        place.append(runner.addresses[0][1])
        ready.set()
        while not stopping.is_set():  # noqa: ASYNC110  a thread sets it
            await asyncio.sleep(0.05)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield f"ws://127.0.0.1:{place[0]}/"
    finally:
        stopping.set()
        thread.join()


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
