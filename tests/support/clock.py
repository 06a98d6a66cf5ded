"""A clock that a test can set, while the test's own time goes on."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SetClock:
    """Stands for the module ``time``, and for ``utcnow``; ``ahead``: by how much it was set."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead

    def time(self) -> float:
        """Seconds since 1970, as the clock shows them."""
        return time.time() + self.ahead.total_seconds()

    def utcnow(self) -> datetime:
        """The same as a moment."""
        return datetime.now(UTC) + self.ahead
