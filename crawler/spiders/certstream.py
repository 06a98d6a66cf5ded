"""Spider ``certstream``: new certificates as they are logged, from a certstream server's websocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import UnscoredNames
from crawler.discovery.triage import SELECT
from crawler.net.guard import FailureError
from crawler.net.outward import OutwardRules, ServiceError
from crawler.net.outward.judged_session import judged_session, websocket
from crawler.sources.ct.certstream_messages import names_in
from crawler.sources.ct.log_entries import EntryError
from detector.config import Config
from detector.errors import SourceError
from detector.model import Candidate
from detector.sentences import counted, without_secrets

BATCH, BATCH_SECONDS = 512, 1.0
MAX_MESSAGE = 1 << 20
HANDSHAKE_SECONDS = 20.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


class CertstreamSpider(DiscoverySpider):
    """Listen for a while.  Certificates that are logged between two runs are missed; ``ct_logs`` leaves no such gaps."""

    name = "certstream"
    minimum_score = SELECT

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if a server is configured."""
        return bool(config.ct.certstream)

    async def discover(self) -> AsyncIterator[Candidate | UnscoredNames]:
        """Yield candidates as they come, until the time is over; reconnect when the connection breaks.

        Raises:
            SourceError: the server never answered.
        """
        config = self.workspace.config.ct
        tally = self.tally.of(self.name)
        if not config.certstream:
            tally.note = "no server is configured ([ct] certstream in clonewatch.toml)"
            return
        names: dict[str, None] = {}
        last = time.monotonic()
        async for name in self._names(config.certstream, last + config.certstream_seconds):
            if name:
                names.setdefault(name)
            if len(names) >= BATCH or time.monotonic() - last >= BATCH_SECONDS:
                for item in self._items(list(names)):
                    yield item
                names.clear()
                last = time.monotonic()
        for item in self._items(list(names)):
            yield item

    def _items(self, names: list[str]) -> list[Candidate | UnscoredNames]:
        self.tally.of(self.name).tried += len(names)
        reasons = ("A certificate for it has just been logged.",)
        selected = [place for place, _ in self.telling(names)]
        found = [Candidate(f"https://{names[place]}/", source=self.name, reasons=reasons) for place in selected]
        return [*found, *self.left(self.name, names, frozenset(selected))]

    async def _names(self, address: str, until: float) -> AsyncIterator[str]:
        """Yield names from messages; an empty list for every second without a message."""
        tally = self.tally.of(self.name)
        wait, heard, broken = _FIRST_WAIT, False, 0
        problem = ""
        rules = OutwardRules(address, allow_private=self.workspace.config.capture.allow_private)
        async with judged_session(rules, headers={}, connect_seconds=10.0) as session:
            while time.monotonic() < until:
                try:
                    async with AsyncExitStack() as opened:
                        # the whole handshake: a server may answer it byte by byte
                        async with asyncio.timeout(min(HANDSHAKE_SECONDS, max(0.0, until - time.monotonic()))):
                            opening = websocket(session, rules, address, most=MAX_MESSAGE)
                            socket = await opened.enter_async_context(opening)
                        heard, wait = True, _FIRST_WAIT
                        async for names in self._messages(socket, until):
                            for name in names or ("",):
                                yield name
                except (aiohttp.ClientError, FailureError, ServiceError, OSError, TimeoutError) as error:
                    problem = f"{without_secrets(address)}: {type(error).__name__} ({str(error)[:200]})"
                if time.monotonic() + wait >= until:
                    break
                broken += 1
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
        if not heard:
            raise SourceError(problem or f"{address}: no answer")
        if broken:
            tally.note = f"the connection broke {counted(broken, 'time')}"

    async def _messages(self, socket: aiohttp.ClientWebSocketResponse, until: float) -> AsyncIterator[tuple[str, ...]]:
        while (left := until - time.monotonic()) > 0:
            try:
                message = await socket.receive(timeout=min(BATCH_SECONDS, left))
            except TimeoutError:
                yield ()
                continue
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                return
            try:
                yield names_in(message.data)
            except EntryError as error:
                self.tally.of(self.name).junk += 1
                self.logger.debug("a message was left out: %s", error)
