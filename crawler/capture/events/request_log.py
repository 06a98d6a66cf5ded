"""The requests of a page and its workers: those under way, and a bounded log of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detector.model import NetworkEntry

MAX_URL = 4096
"""Characters of an address that the log keeps."""


@dataclass(slots=True, eq=False)
class PageRequest:
    """One request; each hop of a redirect chain is one of its own."""

    url: str
    method: str
    kind: str
    main: bool
    """A request of the main frame for a document."""


class RequestLog:
    """Keeps the first ``most`` requests, and every later one of the main frame for a document without an entry."""

    def __init__(self, most: int) -> None:
        self.in_flight: set[PageRequest] = set()
        """Requests that have neither ended nor failed."""
        self._most = most
        self._requests: dict[str, PageRequest] = {}
        self._entries: dict[PageRequest, NetworkEntry] = {}

    def add(self, identity: str, request: PageRequest, *, inline: bool) -> None:
        """Add a request under the browser's id for it; ``inline``: its address itself contains the answer."""
        more = len(self._entries) < self._most
        if request.main or more:
            self._requests[identity] = request
        if more and not inline:
            self.in_flight.add(request)
            self._entries[request] = NetworkEntry(request.url[:MAX_URL], request.method, request.kind)

    def find(self, identity: str) -> PageRequest | None:
        """Return the latest request of that id."""
        return self._requests.get(identity)

    def end(self, identity: str) -> PageRequest | None:
        """Take the request of that id as no longer under way, and return it."""
        request = self._requests.get(identity)
        if request is not None:
            self.in_flight.discard(request)
        return request

    def note(self, request: PageRequest, **changes: Any) -> None:
        """Change ``status``, ``size`` or ``failure`` of a request's entry, where it has one."""
        entry = self._entries.get(request)
        if entry is not None:
            values = {"status": entry.status, "size": entry.size, "failure": entry.failure, **changes}
            self._entries[request] = NetworkEntry(entry.url, entry.method, entry.kind, **values)

    def lacks_size(self, request: PageRequest) -> bool:
        """Tell whether a request was answered and its size is not known yet."""
        entry = self._entries.get(request)
        return entry is not None and entry.status is not None and entry.size is None

    def font_urls(self) -> tuple[str, ...]:
        """Return the addresses of the fonts that were requested."""
        return tuple(entry.url for entry in self._entries.values() if entry.kind == "font")

    def entries(self) -> tuple[NetworkEntry, ...]:
        """Return the log of requests so far."""
        return tuple(self._entries.values())
