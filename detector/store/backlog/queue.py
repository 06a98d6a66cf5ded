"""The backlog as :attr:`detector.store.Store.backlog`: every operation is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from detector.model import Candidate, utcnow
from detector.store.backlog import lease_recovery, leases, rechecks, rows
from detector.store.backlog.leases import BacklogClaim
from detector.store.backlog.rechecks import DueRecheck
from detector.store.backlog.turns import ClaimPolicy
from detector.store.engine import Database


class Backlog:
    """URLs that wait to be captured, are leased, are done, or are in quarantine."""

    def __init__(self, database: Database, policy: ClaimPolicy) -> None:
        """Work on an open database; ``policy`` says how long leases run and how claims are shared out."""
        self._database = database
        self._policy = policy

    def add(self, candidates: Iterable[Candidate]) -> int:
        """Add candidates and return the number of new ones; those whose URL is known are merged into its row.

        Merging keeps all brands, sources and reasons, the higher priority and the earlier date.  A URL that is done
        or in quarantine stays so.
        """
        new = 0
        for batch in rows.batches(candidates):
            with self._database.write() as connection:
                new += len(rows.add(connection, batch, utcnow()))
        return new

    def known_urls(self, urls: Iterable[str]) -> set[str]:
        """Select those of ``urls`` that were added or recorded before, in any state."""
        with self._database.read() as connection:
            return rows.known_urls(connection, urls)

    def claim(
        self,
        limit: int,
        *,
        now: datetime | None = None,
        brands: Collection[str] | None = None,
        busy: bool = False,
    ) -> list[BacklogClaim]:
        """Lease up to ``limit`` due candidates: highest priority first, then the longest due.

        With ``brands``, only candidates that are suspected of one of them.  A lease that runs out returns the row; the
        ``max_attempts``-th time it is quarantined with the reason.

        A row whose worker vanished before is claimed by itself, and not by a worker that is ``busy`` with others; beside a claim
        that is :attr:`~detector.store.backlog.leases.BacklogClaim.alone`, nothing more may be claimed until it is settled.
        """
        with self._database.write() as connection:
            return leases.claim(connection, limit, now or utcnow(), self._policy, brands, busy=busy)

    def dispatch(self, limit: int, hold: timedelta, *, brands: Collection[str] | None = None) -> list[BacklogClaim]:
        """Hold up to ``limit`` due candidates, for ``hold`` at most, for the workers that get them by message.

        Candidates that no worker has begun by then are due again, and no attempt is counted.
        """
        with self._database.write() as connection:
            return leases.dispatch(connection, limit, utcnow(), self._policy, hold, brands)

    def release_held(self, claim: BacklogClaim) -> None:
        """Return a candidate that was held for a message that was never sent: due at once."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), None, "", attempted=False)

    def lost_worker_before(self, row_id: int, token: str) -> bool:
        """Check whether a worker vanished with the candidate of a message before: then it must be captured by itself."""
        with self._database.read() as connection:
            return leases.lost_worker_before(connection, row_id, token)

    def begin(self, row_id: int, token: str) -> BacklogClaim | None:
        """Lease the candidate of a message to the caller; None where the lease is another's by now, or the row is quarantined.

        Each delivery of the message counts as an attempt; after ``max_attempts`` workers died, the row is quarantined.
        """
        with self._database.write() as connection:
            return leases.begin(connection, row_id, token, utcnow(), self._policy)

    def fail(self, claim: BacklogClaim, *, due: datetime, reason: str) -> None:
        """Record a failed attempt: the candidate is tried again when it is ``due``, or quarantined with the reason."""
        with self._database.write() as connection:
            leases.fail(connection, claim, utcnow(), self._policy, due, reason)

    def release(self, claim: BacklogClaim, *, due: datetime | None = None, reason: str = "") -> None:
        """Return a claim, due now or at ``due``; the attempt does not count.  Does nothing where the lease was lost."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), due, reason)

    def due_rechecks(self, now: datetime | None = None) -> list[DueRecheck]:
        """URLs that are done and are due for a recheck: sites of takedowns, and URLs that showed nothing."""
        with self._database.read() as connection:
            return list(rechecks.due_again(connection, now or utcnow()))

    def reopen(self, candidates: Iterable[Candidate]) -> int:
        """Make done URLs ready again and return their number; URLs that are open or in quarantine stay as they are."""
        reopened = 0
        for batch in rows.batches(candidates):
            with self._database.write() as connection:
                reopened += len(rechecks.reopen(connection, batch, utcnow()))
        return reopened

    def quarantined(self) -> list[tuple[str, str]]:
        """URL and reason of every candidate in quarantine, the latest first."""
        with self._database.read() as connection:
            return lease_recovery.quarantined(connection)

    def overdue(self, limits: Sequence[timedelta]) -> tuple[datetime | None, list[int]]:
        """Due date of the candidate due for the longest; numbers of due candidates within each of ``limits``, and of all."""
        with self._database.read() as connection:
            return rows.overdue(connection, utcnow(), limits)
