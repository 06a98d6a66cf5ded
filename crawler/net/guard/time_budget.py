"""Time that several requests share, so that many of them, each just in time, do not add up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from crawler.net.guard.traffic_ledger import FailureError, FailureKind


class TimeBudget:
    """Seconds for the network; they run down only while a request is under way."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` returns seconds, from any origin."""
        self.exhausted = False
        """A request was cut or refused because the time was used up."""
        self._seconds = self._left = seconds
        self._clock = clock

    @asynccontextmanager
    async def spending(self) -> AsyncIterator[None]:
        """Enter for the length of one request, which is cut when the time is used up.

        Raises:
            FailureError: it is used up (``TIMEOUT``).
        """
        sentence = f"the requests of one visit took longer than {self._seconds:g} s together"
        if self._left <= 0:
            self.exhausted = True
            raise FailureError(FailureKind.TIMEOUT, sentence)
        began = self._clock()
        try:
            async with asyncio.timeout(self._left):
                yield
        except TimeoutError:
            self.exhausted = True
            raise FailureError(FailureKind.TIMEOUT, sentence) from None
        finally:
            self._left -= self._clock() - began
