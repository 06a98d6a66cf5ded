"""Sessions of the DevTools protocol: one for each page, worker or browser that is spoken to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)
Event = dict[str, Any]


class DevToolsError(Exception):
    """The browser refused a command, or its page is gone."""


class DevToolsTimeoutError(DevToolsError):
    """The command was not answered in time."""


class CommandSender(Protocol):
    """The pipe, as far as a session needs it."""

    async def send(self, method: str, parameters: Event | None = None, session: str = "") -> dict[str, Any]:
        """Send one command and return its result."""

    def post(self, method: str, parameters: Event | None = None, session: str = "") -> int:
        """Write one command and return its number."""


class DevToolsSession:
    """The session of one target (a page, a worker, the browser itself)."""

    def __init__(self, pipe: CommandSender, identity: str) -> None:
        self.identity = identity
        self._pipe = pipe
        self._handlers: dict[str, list[Callable[[Event], object]]] = defaultdict(list)

    def on(self, event: str, handler: Callable[[Event], object]) -> None:
        """Call ``handler`` with the parameters of each such event; it must not wait, and its errors are logged."""
        self._handlers[event].append(handler)

    def has_handler(self, event: str) -> bool:
        """Tell whether there is a handler for the event."""
        return event in self._handlers

    def dispatch(self, event: str, parameters: Event) -> None:
        """Call the handlers of an event."""
        for handler in tuple(self._handlers.get(event, ())):
            try:
                handler(parameters)
            except Exception:
                log.exception("an event of the browser could not be handled", event_name=event)

    async def send(self, method: str, parameters: Event | None = None) -> dict[str, Any]:
        """Send one command and return its result.

        Raises:
            DevToolsError: the browser refused it, or the target is gone.
        """
        return await self._pipe.send(method, parameters, self.identity)

    def post(self, method: str, parameters: Event | None = None) -> None:
        """Send one command without waiting for its result."""
        self._pipe.post(method, parameters, self.identity)
