"""A run of discovery that is stopped while servers do not answer: it ends by itself, and what it had found is stored."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from crawler.discovery.child_messages import DiscoveryJob, DiscoveryOutcome
from crawler.loopback.web import Request, Response, WebServer
from crawler.runtime.own_module import own_module
from detector.workspace import Workspace
from tests.support.program import wait_until
from tests.support.servers.discovery import make_lab

FOUND = {"http://one.example/", "http://two.example/"}
BEFORE_THE_KILL = 40
"""Seconds, less than what a child is given (crawler/discovery/runner.py) and than a request may take: both would end it later."""


class SilentServer(WebServer):
    """Answers ``/quick`` and never anything else; ``asked`` is set by the first such request."""

    def __init__(self) -> None:
        super().__init__(self._page)
        self.asked, self._over = threading.Event(), threading.Event()

    def _page(self, request: Request) -> Response | None:
        if request.path == "/quick":
            return Response(b"http://one.example/\nhttp://two.example/\n", media_type="text/plain")
        self.asked.set()
        self._over.wait()
        return None

    def __exit__(self, *error: object) -> None:
        self._over.set()
        super().__exit__(*error)


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    with SilentServer() as server:
        yield server


SOURCES = {
    "feed": '[[discover.feeds]]\nname = "silent"\nlocation = "{url}silent"\n',
    "many feeds": "".join(
        f'[[discover.feeds]]\nname = "silent{number}"\nlocation = "{{url}}{number}"\n' for number in range(20)
    ),
    "taxii": '[[discover.feeds]]\nname = "silent"\nlocation = "{url}silent"\nformat = "taxii"\n',
    "name list": '[[discover.name_lists]]\nname = "silent"\nlocation = "{url}silent"\nformat = "names"\n',
    "log list": '[ct]\nlog_list = "{url}silent"\n',
}
RUN = {"name list": "new_names", "log list": "ct_logs"}


@pytest.mark.parametrize("silent", SOURCES)
def test_a_stop_does_not_wait_for_a_server_that_is_silent(tmp_path: Path, silent: str) -> None:
    with silent_server() as server:
        quick = f'[[discover.feeds]]\nname = "quick"\nlocation = "{server.url("/quick")}"\n'
        lab = make_lab(tmp_path, quick + SOURCES[silent].format(url=server.url("/")))
        with Workspace.open(lab) as workspace:
            sources = tuple(dict.fromkeys(("feeds", RUN.get(silent, "feeds"))))
            job = DiscoveryJob(str(lab), workspace.config, sources, (), (), False)
            command, environment = own_module("crawler.discovery.child_main")
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
                assert child.stdin is not None
                assert child.stdout is not None
                child.stdin.write(msgspec.json.encode(job) + b"\n")
                child.stdin.flush()
                assert server.asked.wait(100)
                wait_until(lambda: workspace.store.backlog.known_urls(FOUND) == FOUND)
                child.stdin.close()
                try:
                    child.wait(BEFORE_THE_KILL)
                finally:
                    child.kill()
                outcome = msgspec.json.decode(child.stdout.read(), type=DiscoveryOutcome)
            urls = {claim.candidate.url for claim in workspace.store.backlog.claim(10)}
    assert "stopped before the end of" in outcome.error
    assert urls == FOUND
