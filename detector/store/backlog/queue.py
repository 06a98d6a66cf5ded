"""The backlog as :attr:`detector.store.Store.backlog`: every operation is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from detector.model import Candidate, utcnow
from detector.store.backlog import leases, rechecks, rows
from detector.store.backlog.leases import BacklogClaim
from detector.store.backlog.rechecks import DueRecheck
from detector.store.backlog.turns import ClaimTerms
from detector.store.engine import Database


class Backlog:
    """URLs that wait to be captured, are leased, are done, or are in quarantine."""

    def __init__(self, database: Database, terms: ClaimTerms) -> None:
        """Work on an open database; ``terms`` say how long leases run and how claims are shared out."""
        self._database = database
        self._terms = terms

    def add(self, candidates: Iterable[Candidate]) -> int:
        """Add candidates; those whose URL is known are merged into its row.  The number of new ones.

        Merging keeps all brands, sources and reasons, the higher priority and the earlier date.  A URL that is done
        or in quarantine stays so.
        """
        new = 0
        for batch in rows.batches(candidates):
            with self._database.write() as connection:
                new += len(rows.add(connection, batch, utcnow()))
        return new

    def known_urls(self, urls: Iterable[str]) -> set[str]:
        """Those of ``urls`` that were added or recorded before, in whatever state they are."""
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
            return leases.claim(connection, limit, now or utcnow(), self._terms, brands, busy=busy)

    def dispatch(self, limit: int, hold: timedelta, *, brands: Collection[str] | None = None) -> list[BacklogClaim]:
        """Hold up to ``limit`` due candidates for the workers that messages bring them to, for ``hold`` at most.

        What no worker has begun by then is due again, and no attempt was made.
        """
        with self._database.write() as connection:
            return leases.dispatch(connection, limit, utcnow(), self._terms, hold, brands)

    def release_held(self, claim: BacklogClaim) -> None:
        """Give back what was held for a message that was never sent: due at once."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), None, "", attempted=False)

    def came_back(self, row_id: int, token: str) -> bool:
        """Whether a worker vanished with the candidate of a message before: it is begun while its worker does nothing else."""
        with self._database.read() as connection:
            return leases.came_back(connection, row_id, token)

    def begin(self, row_id: int, token: str) -> BacklogClaim | None:
        """The candidate that a message brought, leased to whoever calls; None where it is somebody else's, or is given up.

        Each time that the message comes counts as an attempt: the ``max_attempts``-th worker that died of it was the last one.
        """
        with self._database.write() as connection:
            return leases.begin(connection, row_id, token, utcnow(), self._terms)

    def fail(self, claim: BacklogClaim, *, due: datetime, reason: str) -> None:
        """An attempt came to nothing: tried again when it is ``due``, or quarantined with the reason."""
        with self._database.write() as connection:
            leases.fail(connection, claim, utcnow(), self._terms, due, reason)

    def release(self, claim: BacklogClaim, *, due: datetime | None = None, reason: str = "") -> None:
        """Give a claim back, now or for ``due``; the attempt does not count.  Does nothing where the lease was lost."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), due, reason)

    def due_rechecks(self, now: datetime | None = None) -> list[DueRecheck]:
        """Addresses that are done with and whose time has come again: taken-down sites, and what showed nothing."""
        with self._database.read() as connection:
            return list(rechecks.due_again(connection, now or utcnow()))

    def reopen(self, candidates: Iterable[Candidate]) -> int:
        """Look again at addresses that are done with; how many are ready now.  What is open or in quarantine stays so."""
        reopened = 0
        for batch in rows.batches(candidates):
            with self._database.write() as connection:
                reopened += len(rechecks.reopen(connection, batch, utcnow()))
        return reopened

    def quarantined(self) -> list[tuple[str, str]]:
        """URL and reason of every candidate that is not tried any more."""
        with self._database.read() as connection:
            return leases.quarantined(connection)

    def overdue(self, limits: Sequence[timedelta]) -> tuple[datetime | None, list[int]]:
        """Since when the longest due candidate has waited; how many wait no longer than each of ``limits``, and how many in all."""
        with self._database.read() as connection:
            return rows.overdue(connection, utcnow(), limits)
