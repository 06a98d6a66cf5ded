"""A registry: RDAP answers and the list of servers, on 127.0.0.1."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crawler.loopback.web import Request, Response, WebServer


def rdap_entity(*roles: str, entities: list[Any] | None = None, **properties: str) -> dict[str, Any]:
    """An entity with a jCard (RFC 7095), as registries send it."""
    card = [
        "vcard",
        [["version", {}, "text", "4.0"], *([name, {}, "text", value] for name, value in properties.items())],
    ]
    return {"objectClassName": "entity", "roles": list(roles), "vcardArray": card, "entities": entities or []}


class Registry:
    """Knows names by their registration; everything that was asked is in ``asked``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """Date by name."""
        self.networks: dict[str, dict[str, Any]] = {}
        """Answer by address."""
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

    @property
    def address_bootstrap(self) -> str:
        """Address of the list of servers for addresses: this one for all of IPv4 and of IPv6, other places for parts."""
        return f"{self.url}/ip.json"

    def services(self) -> bytes:
        """The list (RFC 9224): this server for three endings, another that is nowhere for one."""
        entries = [[["example", "test"], [f"{self.url}/registry/"]], [["co.example"], [f"{self.url}/second"]]]
        return json.dumps({"version": "1.0", "services": [*entries, [["nowhere"], ["gopher://x/"]]]}).encode()

    def reply(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """The answers."""
        if path in self.answers:
            return self.answers[path]
        if path == "/dns.json":
            return 200, {}, self.services()
        if path == "/ip.json":
            everything = [["0.0.0.0/0", "2000::/3"], [f"{self.url}/registry/"]]
            return 200, {}, json.dumps({"services": [everything, [["9.9.0.0/16"], [f"{self.url}/second/"]]]}).encode()
        if network := self.networks.get(path.removeprefix("/registry/ip/").removeprefix("/second/ip/")):
            return 200, {}, json.dumps({"objectClassName": "ip network"} | network).encode()
        registered = self.names.get(path.rpartition("/")[2])
        if registered is None:
            return 404, {}, b'{"errorCode": 404}'
        events = [{"eventAction": "expiration", "eventDate": "2099-01-01T00:00:00Z"}]
        events.append({"eventAction": "registration", "eventDate": registered})
        return 200, {}, json.dumps({"objectClassName": "domain", "events": events}).encode()

    @contextmanager
    def serving(self) -> Iterator[Registry]:
        """Answer on a free port until left."""

        def respond(request: Request) -> Response:
            with self._lock:
                self.asked.append(request.target)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                status, headers, body = self.reply(request.target)
                time.sleep(0.01)  # whoever asks beside this one is noticed
            finally:
                # before the answer, after which the next question may come at once
                with self._lock:
                    self.at_once -= 1
            return Response(body, status, "application/rdap+json", headers)

        with WebServer(respond) as server:
            self.url = server.url("")
            yield self
