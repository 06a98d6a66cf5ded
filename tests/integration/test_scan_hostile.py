"""``clonewatch scan`` of 200 pages, every tenth of them hostile: 200 lines, each with an outcome."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = [pytest.mark.ordeal, pytest.mark.heavy]
PAGES = 200
CLONE = b"""<!doctype html><title>Log in to your PayPal account</title><h1>PayPal</h1><form action=/post method=post>
<input type=email name=login_email placeholder=Email><input type=password name=login_password><button>Log In</button></form>"""
PLAIN = b"<!doctype html><title>Potting shed</title><h1>Potting shed</h1><p>Clay pots and slow afternoons."
EATS_MEMORY = b"""<!doctype html><title>x</title><script>const kept = [];
for (;;) kept.push(Array.from({length: 1e5}, (_, i) => ({i, text: "x" + i})));</script>"""


class Site(BaseHTTPRequestHandler):
    """Answers by the number in the path."""

    gone = threading.Event()

    def do_GET(self) -> None:
        kind, _, number = self.path.strip("/").partition("/")
        if kind == "hang":
            self.gone.wait(60)
        elif kind == "loop":
            self.send_response(302)
            self.send_header("Location", f"/loop/{number}x")
            self.end_headers()
        else:
            body = {"clone": CLONE, "crash": EATS_MEMORY}.get(kind, PLAIN)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A browser that was killed leaves connections behind."""


@pytest.fixture
def port() -> Iterator[int]:
    Site.gone.clear()
    with Server(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        Site.gone.set()
        server.shutdown()
        thread.join()


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
