"""Read reported mails in a process that can be ended: whatever one of them holds, the next one is read.

A mail whose pictures or attachments take too long is read again without them, and at last as plain text, so that an attachment that
is made to hold its reader does not hide the address beside it.
"""

from __future__ import annotations

import cv2
import structlog

from crawler.runtime.endable_process import EndableProcess, ItemTimeoutError, ProcessDiedError, ProcessStartError
from crawler.sources.mail.reported_mail import MailError, Reading, ReportedMail, read_report
from detector.errors import SourceError

SECONDS = 20.0
"""Time for one way to read a mail."""
MEMORY = 1 << 30
"""Bytes that the process may allocate: a mail of 30 MiB is held some ten times, and a picture of 40 million pixels twice."""
STARTS = 3
"""Starts of the process that may fail, one after the other."""
log = structlog.get_logger(__name__)


class MailReader:
    """Reads one mail at a time; an async context manager, for one event loop."""

    def __init__(self, salt: str, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """``salt``: see :func:`~crawler.sources.mail.reported_mail.read_report`; ``seconds``: for each way to read a mail."""
        self._salt, self._seconds = salt, seconds
        self._process = EndableProcess(_prepare, memory=memory)

    async def __aenter__(self) -> MailReader:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.end()

    async def read(self, data: bytes) -> ReportedMail:
        """Read a mail, in the first way that ends in time; ``remark`` says what was left out.

        Raises:
            MailError: it is too large, not a mail, or ended its reader in every way.
            SourceError: no reader starts.
        """
        problem = ""
        for way in Reading:
            await self._ready()
            try:
                return await self._process.call(self._seconds, read_report, data, self._salt, way, problem)
            except ItemTimeoutError:
                problem = problem or f"to read it whole took more than {self._seconds:g} s"
            except ProcessDiedError:
                problem = problem or "its reader died when it read it whole"
            except MemoryError:
                problem = problem or "to read it whole takes too much memory"
                self._process.end()
        raise MailError(problem)

    async def _ready(self) -> None:
        for left in range(STARTS - 1, -1, -1):
            try:
                await self._process.ready()
            except ProcessStartError as error:
                log.warning("a reader of mails did not start", reason=str(error))
                if not left:
                    raise SourceError(f"no reader of mails could be started ({STARTS} attempts): {error}") from error
            else:
                return


def _prepare() -> None:
    """Load what mails are read with, this module's imports included, before time and memory are bounded."""
    cv2.setNumThreads(1)
