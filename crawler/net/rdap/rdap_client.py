"""Ask RDAP servers (RFC 9082), each within its rate limit, and each question once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Generic, TypeVar

import structlog

from crawler.net.bounded_http import ServiceError, ask
from crawler.net.rdap.rdap_servers import ACCEPT, MAX_REDIRECTS, RETRY_SECONDS, RdapServerList
from crawler.net.retry_after import retry_after_seconds
from detector.sentences import without_secrets

MAX_ANSWER_BYTES = 1_000_000
BUSY_SECONDS = 60.0
"""Pause for a server that answered 429 or 503 without ``Retry-After``; what it says is respected up to ``RETRY_SECONDS``."""
LIST_PATIENCE = 4
"""Time that the list of servers may take, in limits of an answer: it is long, and asked for every three days."""
MAX_KNOWN = 50_000
Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class ServerRestsError(ServiceError):
    """The server asked for a pause before, and it is not over: nothing was sent."""


@dataclass(frozen=True, slots=True)
class RdapAnswer:
    """The body of an answer."""

    url: str
    body: bytes


@dataclass(slots=True)
class _Server:
    """Rate limit of one server: one question at a time, and none before ``free``."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free: float = 0.0
    """Time of the next question, by the monotonic clock."""
    rests: bool = False
    """Time until which the server asked for a pause."""


class RdapClient:
    """Asks servers of one list.  For one event loop."""

    def __init__(
        self, bootstrap: str, *, seconds: float, pause_seconds: float, allow_private: Sequence[str] = ()
    ) -> None:
        """``bootstrap``: address of the list of servers; ``seconds``: limit of an answer; ``pause_seconds``: rest of a server."""
        self._bootstrap, self._seconds, self._pause_seconds = bootstrap, seconds, pause_seconds
        self._allow_private = allow_private
        self._list = RdapServerList(bootstrap, seconds=LIST_PATIENCE * seconds, allow_private=allow_private)
        self._servers: dict[str, _Server] = {}

    async def servers(self) -> dict[str, str]:
        """Return base addresses by entry of the list, see :meth:`RdapServerList.servers`."""
        return await self._list.servers()

    async def ask(self, base: str, question: str) -> RdapAnswer | None:
        """Ask a server, when it is its turn; None where it knows no answer (404).

        ``question``: the path under ``base``, such as ``domain/shop.example``.

        Raises:
            ServiceError: there is no usable answer now; a later question may get one.
        """
        server = self._servers.setdefault(base, _Server())
        async with server.turn:
            wait = server.free - time.monotonic()
            if wait > 0.0 and server.rests:
                raise ServerRestsError(f"it asked for a pause of another {wait:.0f} s")
            await asyncio.sleep(max(0.0, wait))
            server.rests = False
            try:
                return await self._ask(f"{base.rstrip('/')}/{question}", server)
            finally:
                server.free = max(server.free, time.monotonic() + self._pause_seconds)

    async def _ask(self, url: str, server: _Server) -> RdapAnswer | None:
        answer = await ask(
            url,
            seconds=self._seconds,
            most=MAX_ANSWER_BYTES,
            headers=ACCEPT,
            redirects=MAX_REDIRECTS,
            named=self._bootstrap,
            allow_private=self._allow_private,
        )
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            said = retry_after_seconds(answer.headers.get("Retry-After", ""))
            rest = BUSY_SECONDS if said is None else min(RETRY_SECONDS, said)
            server.free, server.rests = time.monotonic() + rest, True
            raise ServiceError(f"it asked for a pause of another {rest:.0f} s")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if problem := answer.problem():
            raise ServiceError(problem)
        return RdapAnswer(url, answer.body)


def log_failure(question: str, error: Exception) -> None:
    """Log why a question has no answer; a server's pause only when it begins, since thousands of questions may fall within it."""
    if not isinstance(error, ServerRestsError):
        log.warning("the registry gave no usable answer", question=without_secrets(question), reason=str(error))


class SharedAnswers(Generic[Answer]):
    """Answers by question, each asked for once, however many wait for it.  For one event loop."""

    def __init__(self, look_up: Callable[[str], Awaitable[Answer | None]]) -> None:
        """``look_up`` may raise :class:`ServiceError`: that is logged, gives None, and the next caller asks again."""
        self._look_up = look_up
        self._known: dict[str, asyncio.Task[Answer | None]] = {}

    async def of(self, question: str) -> Answer | None:
        """Return the answer; None where there is none."""
        if question not in self._known:
            while len(self._known) >= MAX_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[question] = asyncio.create_task(self._settle(question))
        # several pages may wait for one answer: cancelling one does not cancel the question
        return await asyncio.shield(self._known[question])

    def forget(self, question: str) -> None:
        """Let the next caller ask again: the answer is not whole."""
        self._known.pop(question, None)

    async def cancel(self) -> None:
        """Cancel open questions."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    async def _settle(self, question: str) -> Answer | None:
        try:
            return await self._look_up(question)
        except ServiceError as error:
            log_failure(question, error)
            self.forget(question)
            return None
