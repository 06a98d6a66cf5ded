"""``clonewatch scan`` of 200 pages, every tenth of them hostile: 200 lines, each with an outcome."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.loopback.web import Request, Response, WebServer

pytestmark = [pytest.mark.ordeal, pytest.mark.heavy]
PAGES = 200
CLONE = b"""<!doctype html><title>Log in to your PayPal account</title><h1>PayPal</h1><form action=/post method=post>
<input type=email name=login_email placeholder=Email><input type=password name=login_password><button>Log In</button></form>"""
PLAIN = b"<!doctype html><title>Potting shed</title><h1>Potting shed</h1><p>Clay pots and slow afternoons."
EATS_MEMORY = b"""<!doctype html><title>x</title><script>const kept = [];
for (;;) kept.push(Array.from({length: 1e5}, (_, i) => ({i, text: "x" + i})));</script>"""


@pytest.fixture
def port() -> Iterator[int]:
    gone = threading.Event()

    def respond(request: Request) -> Response:
        """Serve the page of the kind that the path names."""
        kind, _, number = request.path.strip("/").partition("/")
        if kind == "hang":
            gone.wait(60)
        if kind == "loop":
            return Response(status=302, headers={"Location": f"/loop/{number}x"})
        return Response({"clone": CLONE, "crash": EATS_MEMORY}.get(kind, PLAIN))

    with WebServer(respond) as server:
        yield server.port
        gone.set()


def kind_of(number: int) -> str:
    if number % 10 == 0:
        return ("hang", "crash", "loop")[number // 10 % 3]
    return "clone" if number % 10 == 5 else "page"


@pytest.mark.browser
def test_none_of_200_pages_is_lost(port: int, tmp_path: Path) -> None:
    urls = [f"http://site{n}.test:{port}/{kind_of(n)}/{n}" for n in range(PAGES)]
    listed = tmp_path / "urls.txt"
    listed.write_text("\n".join(urls))
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "crawler.cli.launch", "scan", "--from", str(listed), "--json", str(out)]
    command += ["--resolve", f"*:{port}:127.0.0.1", "--allow-private", "127.0.0.1/32"]
    command += ["--workspace", str(tmp_path / "ws"), "--timeout", "8", "--slots", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 10, done.stderr

    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert Counter(line["url"] for line in lines) == Counter(urls)
    by_kind: dict[str, Counter[str]] = {}
    for line in lines:
        kind = line["url"].rsplit("/", 2)[1]
        by_kind.setdefault(kind, Counter())[f"{line['outcome']} {line['verdict']}"] += 1
    hostile = {kind: by_kind.pop(kind) for kind in ("hang", "crash", "loop")}
    assert by_kind == {"clone": Counter({"ok flagged": 20}), "page": Counter({"ok clear": 160})}
    assert set(hostile["hang"]) == {"timeout unseen"}
    assert set(hostile["crash"]) <= {"crashed unseen", "timeout unseen", "blank unseen"}
    assert set(hostile["loop"]) == {"redirect_loop unseen"}
    assert all(line["brand"] == "paypal" for line in lines if line["verdict"] == "flagged")
