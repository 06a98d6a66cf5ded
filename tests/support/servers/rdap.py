"""A registry: RDAP answers and the list of servers, on 127.0.0.1."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry:
    """Knows names by their registration; everything that was asked is in ``asked``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """Date by name."""
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        """Status, headers and body by path, instead of what is known."""
        self.url = ""
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    @property
    def bootstrap(self) -> str:
        """Address of the list of servers."""
        return f"{self.url}/dns.json"

    def services(self) -> bytes:
        """The list (RFC 9224): this server for three endings, another that is nowhere for one."""
        entries = [[["example", "test"], [f"{self.url}/registry/"]], [["co.example"], [f"{self.url}/second"]]]
        return json.dumps({"version": "1.0", "services": [*entries, [["nowhere"], ["gopher://x/"]]]}).encode()

    def reply(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """What is answered."""
        if path in self.answers:
            return self.answers[path]
        if path == "/dns.json":
            return 200, {}, self.services()
        registered = self.names.get(path.rpartition("/")[2])
        if registered is None:
            return 404, {}, b'{"errorCode": 404}'
        events = [{"eventAction": "expiration", "eventDate": "2099-01-01T00:00:00Z"}]
        events.append({"eventAction": "registration", "eventDate": registered})
        return 200, {}, json.dumps({"objectClassName": "domain", "events": events}).encode()

    @contextmanager
    def serving(self) -> Iterator[Registry]:
        """Answer on a free port until left."""
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with registry._lock:
                    registry.asked.append(self.path)
                    registry.at_once += 1
                    registry.most_at_once = max(registry.most_at_once, registry.at_once)
                try:
                    status, headers, body = registry.reply(self.path)
                    time.sleep(0.01)  # whoever asks beside this one is noticed
                finally:
                    # before the answer, after which the next question may come at once
                    with registry._lock:
                        registry.at_once -= 1
                self.send_response(status)
                for name, value in {"Content-Type": "application/rdap+json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
