"""Modules that open connections: those of crawler/net, and the exceptions named here, each with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.program import ROOT

MODULES = frozenset(
    (
        *("aiohttp", "httpx", "requests", "urllib3", "urllib.request", "http.client", "websockets", "pycurl"),
        *("socket", "socketserver", "imaplib", "smtplib", "poplib", "ftplib", "telnetlib", "xmlrpc.client", "nntplib"),
        *("boto3", "botocore", "s3fs", "paramiko", "asyncssh", "redis", "pika", "kombu", "treq", "scrapy.Request"),
    )
)
"""Modules and classes with which a connection is opened, or a request is made."""
CALLS = frozenset(("open_connection", "create_connection", "open_unix_connection", "create_datagram_endpoint"))
"""Methods with which one is opened without such a module."""
ROOM = "crawler/net"
"""Folder in which they belong."""
EXCEPTIONS = {
    "crawler/loopback": "servers of the demo and of tests, which listen on this machine",
    "crawler/browser/handover.py": "hands open sockets to another process of this machine",
    "crawler/browser/takeover.py": "takes them over",
    "crawler/capture/favicon.py": "connects to the capture's own proxy, which is the guard's",
    "crawler/discovery/label_permutations.py": "undoes a default that a library sets when it is imported",
    "crawler/discovery/spider.py": "sources of third parties may give requests to Scrapy",
    "crawler/jobs/broker": "speaks to the broker that the operator named, through Celery",
    "crawler/jobs/metrics_server.py": "serves metrics at the address that the operator named",
    "crawler/jobs/run_recorder.py": "asks for the name of this machine",
    "crawler/probe/download_handler.py": "hands every request to the guarded HTTP client",
    "crawler/probe/front_page_visit.py": "its requests end in that handler",
    "crawler/sources/mail/bounded_imap.py": "bounds what that mailbox answers",
    "crawler/sources/mail/imap.py": "speaks to the mailbox that the operator named; IMAP knows no redirects that are followed",
    "crawler/spiders/certstream.py": "names messages and errors of aiohttp; the session is one of crawler/net",
}
"""Files and folders outside, and why they may."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Names of all modules that a file imports, wherever it does, and of what it takes from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def checked_only_for_types(tree: ast.Module) -> ast.Module:
    """Leave out the blocks under ``if TYPE_CHECKING``: they import nothing."""
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    return tree


def ways_out(path: Path) -> set[str]:
    tree = checked_only_for_types(ast.parse(path.read_text(encoding="utf-8")))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    named = {name for module in imported(tree) for name in MODULES if module == name or module.startswith(f"{name}.")}
    return named | (called & CALLS)


def outside() -> dict[str, set[str]]:
    """Ways out of every file that is not in the room, by path."""
    files = (path for package in ("crawler", "detector") for path in sorted((ROOT / package).rglob("*.py")))
    found = {path.relative_to(ROOT).as_posix(): ways_out(path) for path in files}
    return {path: ways for path, ways in found.items() if ways and not path.startswith(f"{ROOM}/")}


def excused(path: str) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in EXCEPTIONS)


def test_only_the_net_opens_connections() -> None:
    assert {path: ways for path, ways in outside().items() if not excused(path)} == {}


def test_every_exception_is_still_one() -> None:
    paths = outside()
    assert [
        place for place in EXCEPTIONS if not any(path == place or path.startswith(f"{place}/") for path in paths)
    ] == []
